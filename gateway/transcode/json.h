// SPDX-License-Identifier: Apache-2.0

// JSON into messages and back.
//
// protobuf's parser takes more than JSON (trailing commas, single quotes,
// repeated keys, a scalar for a list), so every body first passes a check that
// takes RFC 8259 only, refuses by name what does not fit the message
// (json_walk.h), and puts the full names of enum values in place of short ones.

#ifndef PINHOLE_GATEWAY_TRANSCODE_JSON_H_
#define PINHOLE_GATEWAY_TRANSCODE_JSON_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

// Fills `message` from the JSON object `text`; clears it first.
// Errors: INVALID_ARGUMENT, naming the field where there is one.
absl::Status JsonToMessage(std::string_view text, std::size_t max_depth,
                           google::protobuf::Message& message);

// As `JsonToMessage`, with `text` as the value of one field.  Gives the fields
// in it that the text names, as a FieldMask of the field's message has them
// ("caption", "location.city"); none if the field is not a message.
absl::StatusOr<std::vector<std::string>> JsonToField(
    std::string_view text, std::size_t max_depth,
    const google::protobuf::FieldDescriptor& field,
    google::protobuf::Message& message);

// One line; zero values are shown, names are those of the proto.
// Errors: INTERNAL (an Any of a type that is not linked in).
absl::StatusOr<std::string> MessageToJson(
    const google::protobuf::Message& message);

// As `MessageToJson`, only the value of one field; `null` if it has none.
absl::StatusOr<std::string> FieldToJson(
    const google::protobuf::Message& message,
    const google::protobuf::FieldDescriptor& field);

// The check by itself.
struct CheckedJson {
  std::string text;                 // As protobuf may parse it.
  std::vector<std::string> leaves;  // What `JsonToField` gives.
};

// Of the JSON of a message, and of that of the value of one field.
absl::StatusOr<CheckedJson> CheckJson(std::string_view text,
                                      std::size_t max_depth,
                                      const google::protobuf::Descriptor& type);
absl::StatusOr<CheckedJson> CheckJson(
    std::string_view text, std::size_t max_depth,
    const google::protobuf::FieldDescriptor& field);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_TRANSCODE_JSON_H_
