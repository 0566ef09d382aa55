// SPDX-License-Identifier: Apache-2.0

#include "gateway/rules/field_behavior.h"

#include <algorithm>

#include "google/api/field_behavior.pb.h"

namespace pinhole::gateway {
namespace {

bool Has(const google::protobuf::FieldDescriptor& field,
         google::api::FieldBehavior behavior) {
  const auto& declared =
      field.options().GetRepeatedExtension(google::api::field_behavior);
  return std::find(declared.begin(), declared.end(), behavior) !=
         declared.end();
}

}  // namespace

bool IsRequired(const google::protobuf::FieldDescriptor& field) {
  return Has(field, google::api::REQUIRED);
}

bool IsSetByServer(const google::protobuf::FieldDescriptor& field) {
  return Has(field, google::api::OUTPUT_ONLY) ||
         Has(field, google::api::IDENTIFIER);
}

}  // namespace pinhole::gateway
