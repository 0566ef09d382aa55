// SPDX-License-Identifier: Apache-2.0

#include "gateway/rules/json_names.h"

#include "fmt/format.h"

namespace pinhole::gateway {

using google::protobuf::FieldDescriptor;

const std::string& FieldName(const FieldDescriptor& field, JsonNames names) {
  return names == JsonNames::kJson ? field.json_name() : field.name();
}

std::string FieldPathText(const FieldPath& path, JsonNames names) {
  std::string text;
  for (const FieldDescriptor* field : path) {
    if (!text.empty()) text += '.';
    text += FieldName(*field, names);
  }
  return text;
}

std::string GivenTwiceRule(const FieldDescriptor& field) {
  if (field.json_name() == field.name()) return "is given twice";
  return fmt::format("is given twice; {} and {} are the same field",
                     field.json_name(), field.name());
}

}  // namespace pinhole::gateway
