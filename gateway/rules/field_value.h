// SPDX-License-Identifier: Apache-2.0

// Text into fields: the one set of conversions behind path variables and query
// parameters (and, for the names of fields and enum values, JSON bodies).

#ifndef PINHOLE_GATEWAY_RULES_FIELD_VALUE_H_
#define PINHOLE_GATEWAY_RULES_FIELD_VALUE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

// The field called `name` in proto ("page_size") or in JSON ("pageSize"); null
// if there is none.
const google::protobuf::FieldDescriptor* FindField(
    const google::protobuf::Descriptor& type, std::string_view name);

// The value called `text`: its name (`VISIBILITY_PUBLIC`), its name without the
// enum's prefix in any case (`PUBLIC`, `public`), or null.
const google::protobuf::EnumValueDescriptor* FindEnumValue(
    const google::protobuf::EnumDescriptor& type, std::string_view text);

// The field that a field of a wrapper type (google.protobuf.Int32Value) wraps;
// null for other fields.
const google::protobuf::FieldDescriptor* WrappedValue(
    const google::protobuf::FieldDescriptor& field);

// Whether text for a field of a message type has the form of a time, if the
// field is one.
bool IsFormOfTime(const google::protobuf::FieldDescriptor& field,
                  std::string_view text);

// Whether text can be a value of the field: scalars, enums, timestamps,
// durations, field masks, wrappers.
bool IsTextual(const google::protobuf::FieldDescriptor& field);

// What a value of the field must be, to follow the field's name in an error:
// "must be true or false".
std::string ValueRule(const google::protobuf::FieldDescriptor& field);

// Whether `SetFromText` would take the text; false for messages.
bool IsScalarText(const google::protobuf::FieldDescriptor& field,
                  std::string_view text);

// Sets `field` of `message` to what `text` says; adds to a repeated field.
// Errors: INVALID_ARGUMENT with the `ValueRule`, which never repeats the text.
absl::Status SetFromText(google::protobuf::Message& message,
                         const google::protobuf::FieldDescriptor& field,
                         std::string_view text);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_RULES_FIELD_VALUE_H_
