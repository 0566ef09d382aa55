// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

// Fields from the outermost message to the innermost field.
using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

// Whether `path` is `prefix` or a field inside it.
bool IsPrefix(const FieldPath& prefix, const FieldPath& path);

// Resolves `path` ("photo.name"; proto or JSON names), beginning at `type`.
// Errors: INVALID_ARGUMENT (a field does not exist or is inside a list or a
// map; the path is deeper than 64 messages).
absl::StatusOr<FieldPath> FindFieldPath(
    const google::protobuf::Descriptor& type, std::string_view path);

// Returns the value of a string or integer field; empty if the field, or a
// message that contains it, is not set.
std::string FieldText(const google::protobuf::Message& message,
                      const FieldPath& path);
// Whether `FieldText` supports the field.
bool HasFieldText(const FieldPath& path);

}  // namespace pinhole::gateway
