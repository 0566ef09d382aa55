// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "gateway/rules/field_path.h"
#include "google/protobuf/descriptor.h"

namespace pinhole::gateway {

// The names of fields in JSON that the gateway writes.  Requests can use both
// kinds.
enum class JsonNames {
  kJson,   // Canonical ProtoJSON: `json_name`, by default "createTime".
  kProto,  // The names in the proto files: "create_time".
};

const std::string& FieldName(const google::protobuf::FieldDescriptor& field,
                             JsonNames names);

// "photo.altText" or "photo.alt_text".
std::string FieldPathText(const FieldPath& path, JsonNames names);

// Returns the rule that a request with two values for the field breaks, to
// follow the field's name in an error.
std::string GivenTwiceRule(const google::protobuf::FieldDescriptor& field);

}  // namespace pinhole::gateway
