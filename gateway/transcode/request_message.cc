// SPDX-License-Identifier: Apache-2.0

#include "gateway/transcode/request_message.h"

#include <algorithm>
#include <optional>

#include "base/errors.h"
#include "gateway/http/http_error.h"
#include "gateway/rules/field_behavior.h"
#include "gateway/rules/json_names.h"
#include "gateway/transcode/json.h"
#include "gateway/transcode/query_fields.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/text_format.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Returns the paths that the body sets; see `JsonToField`.
absl::StatusOr<std::vector<std::string>> ApplyBody(const Route& route,
                                                   std::string_view body,
                                                   std::size_t max_depth,
                                                   Message& request) {
  std::vector<std::string> none;
  if (body.empty()) return none;
  switch (route.body) {
    case Route::Body::kNone:
      return MakeError(Reason::kMalformedJson,
                       "this method does not take a body");
    case Route::Body::kWhole:
      if (absl::Status status = JsonToMessage(body, max_depth, request);
          !status.ok()) {
        return status;
      }
      return none;
    case Route::Body::kField:
      return JsonToField(body, max_depth, *route.body_field, request);
  }
  return none;
}

std::string Print(const Message& message, const FieldDescriptor& field) {
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(message, &field, -1,
                                                        &text);
  return text;
}

// Returns the message with the last field of the path if that field is set.
Message* HolderIfSet(Message& request, const FieldPath& path) {
  Message* inner = &request;
  for (std::size_t i = 0;; ++i) {
    const auto* reflection = inner->GetReflection();
    if (!reflection->HasField(*inner, path[i])) return nullptr;
    if (i + 1 == path.size()) return inner;
    inner = reflection->MutableMessage(inner, path[i]);
  }
}

// The body and the query can repeat the value of the path, but not contradict
// it.
absl::Status ApplyVariable(const FieldPath& path, std::string_view name,
                           std::string_view text, Message& request) {
  const FieldDescriptor& field = *path.back();
  std::optional<std::string> given;
  if (Message* holder = HolderIfSet(request, path)) {
    given = Print(*holder, field);
    holder->GetReflection()->ClearField(holder, &field);
  }
  if (absl::Status status = SetField(request, path, name, text); !status.ok()) {
    return status;
  }
  if (!given) return absl::OkStatus();
  const Message* holder = HolderIfSet(request, path);
  if (holder != nullptr && Print(*holder, field) == *given) {
    return absl::OkStatus();
  }
  return InvalidField(name, "must be equal to the value in the path");
}

// Whether a client that sends the field wants to change it.
bool IsUpdated(const Route& route, const FieldPath& path) {
  const bool bound = std::any_of(
      route.variables.begin(), route.variables.end(),
      [&](const FieldPath& variable) { return IsPrefix(variable, path); });
  return !bound &&
         std::none_of(path.begin(), path.end(),
                      [](const auto* field) { return IsSetByServer(*field); });
}

// If the client did not set the mask, it is what the body sets.
void FillUpdateMask(const Route& route, const std::vector<std::string>& leaves,
                    Message& request) {
  const auto* reflection = request.GetReflection();
  if (reflection->HasField(request, route.update_mask)) return;
  google::protobuf::FieldMask mask;
  for (const std::string& leaf : leaves) {
    const auto inner = FindFieldPath(*route.body_field->message_type(), leaf);
    if (!inner.ok()) continue;
    FieldPath path = {route.body_field};
    path.insert(path.end(), inner->begin(), inner->end());
    if (IsUpdated(route, path)) mask.add_paths(leaf);
  }
  if (mask.paths().empty()) return;
  reflection->MutableMessage(&request, route.update_mask)->CopyFrom(mask);
}

}  // namespace

std::unique_ptr<Message> NewMessage(const google::protobuf::Descriptor& type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(&type)
          ->New());
}

absl::StatusOr<std::unique_ptr<Message>> MakeRequest(
    const Route& route, const std::vector<std::string>& values,
    std::string_view query, std::string_view body, std::size_t max_json_depth) {
  std::unique_ptr<Message> request = NewMessage(*route.method->input_type());
  const auto leaves = ApplyBody(route, body, max_json_depth, *request);
  if (!leaves.ok()) return leaves.status();
  const auto refuses = [&route](const FieldPath& path) -> std::string_view {
    if (route.body == Route::Body::kWhole || path.front() == route.body_field) {
      return "belongs into the body";
    }
    return "";
  };
  if (absl::Status status = ApplyQuery(query, "", *request, refuses);
      !status.ok()) {
    return status;
  }
  if (route.update_mask != nullptr) FillUpdateMask(route, *leaves, *request);
  for (std::size_t i = 0; i < route.variables.size(); ++i) {
    const std::string name =
        FieldPathText(route.variables[i], JsonNames::kProto);
    if (absl::Status status =
            ApplyVariable(route.variables[i], name, values[i], *request);
        !status.ok()) {
      return status;
    }
  }
  return request;
}

}  // namespace pinhole::gateway
