// SPDX-License-Identifier: Apache-2.0

#include "gateway/transcode/query_fields.h"

#include <set>

#include "fmt/format.h"
#include "gateway/http/http_error.h"
#include "gateway/http/uri.h"
#include "gateway/rules/field_value.h"
#include "gateway/rules/json_names.h"

namespace pinhole::gateway {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

// Returns the member of the field's oneof that is set; null if there is none.
const FieldDescriptor* OtherMember(const Message& message,
                                   const FieldDescriptor& field) {
  const auto* oneof = field.real_containing_oneof();
  if (oneof == nullptr) return nullptr;
  const FieldDescriptor* set =
      message.GetReflection()->GetOneofFieldDescriptor(message, oneof);
  return set == &field ? nullptr : set;
}

absl::Status CheckOneof(const Message& message, const FieldDescriptor& field,
                        std::string_view shown_name) {
  const FieldDescriptor* other = OtherMember(message, field);
  if (other == nullptr) return absl::OkStatus();
  return InvalidField(
      shown_name,
      fmt::format("cannot be given together with {}", other->name()));
}

// Tracks the given fields, so that neither a field nor a message and one of its
// fields is given twice.
class Given {
 public:
  // Returns false if the field, a field that contains it, or a field inside it
  // was given.
  bool Insert(const FieldPath& path) {
    FieldPath prefix;
    for (const FieldDescriptor* field : path) {
      prefix.push_back(field);
      if (paths_.contains(prefix)) return false;
    }
    // Fields inside it follow it in the order of the set.
    const auto next = paths_.lower_bound(path);
    if (next != paths_.end() && IsPrefix(path, *next)) return false;
    paths_.insert(path);
    return true;
  }

 private:
  std::set<FieldPath> paths_;
};

}  // namespace

absl::Status SetField(Message& message, const FieldPath& path,
                      std::string_view shown_name, std::string_view text) {
  Message* inner = &message;
  for (std::size_t i = 0;; ++i) {
    if (absl::Status status = CheckOneof(*inner, *path[i], shown_name);
        !status.ok()) {
      return status;
    }
    if (i + 1 == path.size()) break;
    inner = inner->GetReflection()->MutableMessage(inner, path[i]);
  }
  const absl::Status status = SetFromText(*inner, *path.back(), text);
  if (status.ok()) return status;
  return InvalidField(shown_name,
                      {status.message().data(), status.message().size()});
}

absl::Status ApplyQuery(std::string_view query, std::string_view parent,
                        Message& message,
                        absl::FunctionRef<QueryCheck> refuses) {
  const auto parameters = ParseQuery(query);
  if (!parameters.ok()) return parameters.status();
  Given given;
  for (const auto& [name, value] : *parameters) {
    const auto path = FindFieldPath(*message.GetDescriptor(), name);
    if (!path.ok()) return InvalidField(name, "is not a known parameter");
    std::string field = FieldPathText(*path, JsonNames::kProto);
    if (!parent.empty()) field = fmt::format("{}.{}", parent, field);
    if (const std::string_view reason = refuses(*path); !reason.empty()) {
      return InvalidField(field, reason);
    }
    if (!path->back()->is_repeated() && !given.Insert(*path)) {
      return InvalidField(field, GivenTwiceRule(*path->back()));
    }
    if (absl::Status status = SetField(message, *path, field, value);
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace pinhole::gateway
