// SPDX-License-Identifier: Apache-2.0

#include "gateway/query_fields.h"

#include <set>

#include "gateway/field_value.h"
#include "gateway/http_error.h"
#include "gateway/uri.h"

namespace pinhole::gateway {

using google::protobuf::Message;

absl::Status SetField(Message& message, const FieldPath& path,
                      std::string_view shown_name, std::string_view text) {
  Message* inner = &message;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    inner = inner->GetReflection()->MutableMessage(inner, path[i]);
  }
  const absl::Status status = SetFromText(*inner, *path.back(), text);
  if (status.ok()) return status;
  return InvalidField(shown_name,
                      {status.message().data(), status.message().size()});
}

absl::Status ApplyQuery(std::string_view query, Message& message,
                        absl::FunctionRef<QueryCheck> refuses) {
  const auto parameters = ParseQuery(query);
  if (!parameters.ok()) return parameters.status();
  std::set<FieldPath> seen;
  for (const auto& [name, value] : *parameters) {
    const auto path = FindFieldPath(*message.GetDescriptor(), name);
    if (!path.ok()) return InvalidField(name, "is not a known parameter");
    if (const std::string_view reason = refuses(*path); !reason.empty()) {
      return InvalidField(name, reason);
    }
    if (!path->back()->is_repeated() && !seen.insert(*path).second) {
      return InvalidField(name, "is given twice");
    }
    if (absl::Status status = SetField(message, *path, name, value);
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace pinhole::gateway
