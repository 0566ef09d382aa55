// SPDX-License-Identifier: Apache-2.0

// Conversion of text into field values, for path variables and query
// parameters, and for names of fields and enum values in JSON.

#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

// Returns the field with this name in proto ("page_size") or in JSON
// ("pageSize"), or null.
const google::protobuf::FieldDescriptor* FindField(
    const google::protobuf::Descriptor& type, std::string_view name);

// Returns the enum value with this name (`VISIBILITY_PUBLIC`), or with this
// name without the prefix of the enum in any case (`PUBLIC`, `public`), or
// null.
const google::protobuf::EnumValueDescriptor* FindEnumValue(
    const google::protobuf::EnumDescriptor& type, std::string_view text);

// Returns the field of the wrapper (google.protobuf.Int32Value) that `field`
// holds; null if `field` is not a wrapper.
const google::protobuf::FieldDescriptor* WrappedValue(
    const google::protobuf::FieldDescriptor& field);

// Whether `text` has the form that a Timestamp or Duration field requires.
// Always true for other fields.
bool IsFormOfTime(const google::protobuf::FieldDescriptor& field,
                  std::string_view text);

// Whether a value of the field can be given as text: scalars, enums,
// timestamps, durations, field masks, wrappers.
bool IsTextual(const google::protobuf::FieldDescriptor& field);

// Returns the rule for values of the field, to follow its name in an error:
// "must be true or false".
std::string ValueRule(const google::protobuf::FieldDescriptor& field);

// Whether `SetFromText` accepts the text; false for messages.
bool IsScalarText(const google::protobuf::FieldDescriptor& field,
                  std::string_view text);

// Parses `text` and sets `field`, or adds to it if it is repeated.
// Errors: INVALID_ARGUMENT with the `ValueRule`, which never contains the text.
absl::Status SetFromText(google::protobuf::Message& message,
                         const google::protobuf::FieldDescriptor& field,
                         std::string_view text);

}  // namespace pinhole::gateway
