// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_RULES_FIELD_PATH_H_
#define PINHOLE_GATEWAY_RULES_FIELD_PATH_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

// Fields from the outer message to the inner field.
using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

// Whether `path` is `prefix` or inside it.
bool IsPrefix(const FieldPath& prefix, const FieldPath& path);

// Finds `path` ("photo.name"; proto or JSON names) from `type` inwards.
// Errors: INVALID_ARGUMENT (no such field, one inside a list or a map, or one
// deeper than 64 messages).
absl::StatusOr<FieldPath> FindFieldPath(
    const google::protobuf::Descriptor& type, std::string_view path);

// The value of a string or whole number; empty if the field, or a message on
// the way to it, is not set.
std::string FieldText(const google::protobuf::Message& message,
                      const FieldPath& path);
// Whether `FieldText` can show the field.
bool HasFieldText(const FieldPath& path);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_RULES_FIELD_PATH_H_
