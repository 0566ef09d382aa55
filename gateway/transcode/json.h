// SPDX-License-Identifier: Apache-2.0

// Conversion between JSON and messages.
//
// protobuf's parser accepts more than JSON (trailing commas, single quotes,
// repeated keys, a scalar for a list).  Therefore every body is checked first:
// it must be RFC 8259 and fit the message (json_walk.h).  The check also
// replaces short names of enum values by their full names.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gateway/rules/json_names.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

// Replaces `message` by the JSON object `text`.
// Errors: INVALID_ARGUMENT, with the field if there is one.
absl::Status JsonToMessage(std::string_view text, std::size_t max_depth,
                           google::protobuf::Message& message);

// As `JsonToMessage`, where `text` is the value of one field.  Returns the
// paths that the text sets, as in a FieldMask of the field's message
// ("caption", "location.city"); none if the field is not a message.
absl::StatusOr<std::vector<std::string>> JsonToField(
    std::string_view text, std::size_t max_depth,
    const google::protobuf::FieldDescriptor& field,
    google::protobuf::Message& message);

// Returns one line, with zero values.
// Errors: INTERNAL (an Any has a type that is not linked in).
absl::StatusOr<std::string> MessageToJson(
    const google::protobuf::Message& message, JsonNames names);

// As `MessageToJson` for the value of one field; `null` if it has none.
absl::StatusOr<std::string> FieldToJson(
    const google::protobuf::Message& message,
    const google::protobuf::FieldDescriptor& field, JsonNames names);

// The result of the check.
struct CheckedJson {
  std::string text;                 // Safe for protobuf's parser.
  std::vector<std::string> leaves;  // As returned by `JsonToField`.
};

// Checks the JSON of a message, or of the value of one field.
absl::StatusOr<CheckedJson> CheckJson(std::string_view text,
                                      std::size_t max_depth,
                                      const google::protobuf::Descriptor& type);
absl::StatusOr<CheckedJson> CheckJson(
    std::string_view text, std::size_t max_depth,
    const google::protobuf::FieldDescriptor& field);

}  // namespace pinhole::gateway
