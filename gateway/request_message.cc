// SPDX-License-Identifier: Apache-2.0

#include "gateway/request_message.h"

#include "gateway/json.h"
#include "gateway/query_fields.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::Message;

absl::Status ApplyBody(const Route& route, std::string_view body,
                       std::size_t max_depth, Message& request) {
  if (body.empty()) return absl::OkStatus();
  switch (route.body) {
    case Route::Body::kNone:
      return absl::InvalidArgumentError("this method takes no body");
    case Route::Body::kWhole:
      return JsonToMessage(body, max_depth, request);
    case Route::Body::kField:
      return JsonToField(body, max_depth, *route.body_field, request);
  }
  return absl::OkStatus();
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
  if (absl::Status status = ApplyBody(route, body, max_json_depth, *request);
      !status.ok()) {
    return status;
  }
  const auto refuses = [&route](const FieldPath& path) -> std::string_view {
    for (const FieldPath& variable : route.variables) {
      if (path == variable) return "is given by the path";
    }
    if (route.body == Route::Body::kWhole || path.front() == route.body_field) {
      return "belongs into the body";
    }
    return "";
  };
  if (absl::Status status = ApplyQuery(query, *request, refuses);
      !status.ok()) {
    return status;
  }
  for (std::size_t i = 0; i < route.variables.size(); ++i) {
    const std::string& name = route.path.variables[i].field_path;
    if (absl::Status status =
            SetField(*request, route.variables[i], name, values[i]);
        !status.ok()) {
      return status;
    }
  }
  return request;
}

}  // namespace pinhole::gateway
