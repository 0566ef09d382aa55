// SPDX-License-Identifier: Apache-2.0

#include "gateway/route.h"

#include <tuple>
#include <utility>

#include "fmt/format.h"
#include "gateway/event_stream.h"
#include "gateway/field_value.h"
#include "gateway/success.h"
#include "google/api/annotations.pb.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {
namespace {

using google::api::HttpRule;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

absl::Status RuleError(const MethodDescriptor& method, std::string_view path,
                       std::string_view what) {
  return absl::InvalidArgumentError(
      fmt::format("{}: rule \"{}\": {}", method.full_name(), path, what));
}

std::pair<std::string, std::string> Pattern(const HttpRule& rule) {
  switch (rule.pattern_case()) {
    case HttpRule::kGet:
      return {"GET", rule.get()};
    case HttpRule::kPut:
      return {"PUT", rule.put()};
    case HttpRule::kPost:
      return {"POST", rule.post()};
    case HttpRule::kDelete:
      return {"DELETE", rule.delete_()};
    case HttpRule::kPatch:
      return {"PATCH", rule.patch()};
    case HttpRule::kCustom:
      return {rule.custom().kind(), rule.custom().path()};
    case HttpRule::PATTERN_NOT_SET:
      break;
  }
  return {};
}

absl::StatusOr<RawFields> FindRawFields(const Descriptor& streamed,
                                        const v1::RawBody& option) {
  RawFields raw;
  raw.data = streamed.FindFieldByName(option.data_field());
  raw.head = streamed.FindFieldByName(option.head_field());
  if (raw.data == nullptr || raw.data->type() != FieldDescriptor::TYPE_BYTES ||
      raw.data->is_repeated() || raw.head == nullptr ||
      raw.head->message_type() == nullptr || raw.head->is_repeated()) {
    return absl::InvalidArgumentError(
        "a raw body needs a bytes data_field and a message head_field");
  }
  const auto find = [&raw](const std::string& name,
                           FieldDescriptor::CppType type,
                           const FieldDescriptor** field) {
    if (name.empty()) return true;
    *field = raw.head->message_type()->FindFieldByName(name);
    return *field != nullptr && (*field)->cpp_type() == type &&
           !(*field)->is_repeated();
  };
  if (!find(option.content_type_field(), FieldDescriptor::CPPTYPE_STRING,
            &raw.content_type) ||
      !find(option.size_field(), FieldDescriptor::CPPTYPE_INT64, &raw.size) ||
      !find(option.etag_field(), FieldDescriptor::CPPTYPE_STRING, &raw.etag)) {
    return absl::InvalidArgumentError(
        "a raw body's content_type_field, size_field (int64) or etag_field is "
        "missing or of the wrong type");
  }
  return raw;
}

absl::Status FindVariables(Route* route) {
  for (const PathTemplate::Variable& variable : route->path.variables) {
    auto path =
        FindFieldPath(*route->method->input_type(), variable.field_path);
    if (!path.ok()) return path.status();
    if (path->back()->is_repeated() || !IsTextual(*path->back())) {
      return absl::InvalidArgumentError(
          fmt::format("{} cannot be a path variable", variable.field_path));
    }
    route->variables.push_back(*std::move(path));
  }
  return absl::OkStatus();
}

absl::Status FindBody(const HttpRule& rule, Route* route) {
  if (rule.body() == "*") {
    route->body = Route::Body::kWhole;
  } else if (!rule.body().empty()) {
    route->body = Route::Body::kField;
    route->body_field =
        route->method->input_type()->FindFieldByName(rule.body());
    if (route->body_field == nullptr) {
      return absl::InvalidArgumentError("body names no field of the request");
    }
  }
  if (!rule.response_body().empty()) {
    route->response_field =
        route->method->output_type()->FindFieldByName(rule.response_body());
    if (route->response_field == nullptr) {
      return absl::InvalidArgumentError(
          "response_body names no field of the response");
    }
  }
  return absl::OkStatus();
}

absl::Status FindRawBodies(Route* route) {
  const MethodDescriptor& method = *route->method;
  const auto& options = method.options();
  if (!method.client_streaming() && options.HasExtension(v1::raw_request)) {
    return absl::InvalidArgumentError("raw_request needs client streaming");
  }
  if (method.client_streaming() && method.server_streaming()) {
    return absl::InvalidArgumentError("streaming both ways has no HTTP form");
  }
  if (method.client_streaming() && !options.HasExtension(v1::raw_request)) {
    if (route->body == Route::Body::kNone) {
      return absl::InvalidArgumentError("client streaming needs a body");
    }
  } else if (method.client_streaming()) {
    auto raw = FindRawFields(*method.input_type(),
                             options.GetExtension(v1::raw_request));
    if (!raw.ok()) return raw.status();
    route->raw_request = *raw;
    if (!route->variables.empty()) {
      return absl::InvalidArgumentError("a raw body takes no path variables");
    }
  }
  if (options.HasExtension(v1::raw_response)) {
    if (!method.server_streaming()) {
      return absl::InvalidArgumentError("raw_response needs server streaming");
    }
    auto raw = FindRawFields(*method.output_type(),
                             options.GetExtension(v1::raw_response));
    if (!raw.ok()) return raw.status();
    route->raw_response = *raw;
  }
  return absl::OkStatus();
}

absl::Status FillRoute(const HttpRule& rule, Route* route) {
  if (route->http_method.empty()) {
    return absl::InvalidArgumentError("has no HTTP method");
  }
  auto path = ParsePathTemplate(route->template_text);
  if (!path.ok()) return path.status();
  route->path = *std::move(path);
  if (absl::Status status = FindVariables(route); !status.ok()) return status;
  absl::Status status = FindBody(rule, route);
  if (!status.ok()) return status;
  status = FindRawBodies(route);
  if (status.ok()) status = FindLocation(route);
  if (status.ok()) status = FindEventFields(route);
  return status;
}

absl::Status AddRule(const MethodDescriptor& method, const HttpRule& rule,
                     std::vector<Route>* routes) {
  Route route;
  route.method = &method;
  std::tie(route.http_method, route.template_text) = Pattern(rule);
  if (absl::Status status = FillRoute(rule, &route); !status.ok()) {
    return RuleError(method, route.template_text, status.message().data());
  }
  routes->push_back(std::move(route));
  for (const HttpRule& additional : rule.additional_bindings()) {
    if (additional.additional_bindings_size() > 0) {
      return RuleError(method, Pattern(additional).second,
                       "an additional binding has additional bindings");
    }
    if (absl::Status status = AddRule(method, additional, routes);
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Route>> MakeRoutes(
    const std::vector<std::string>& services) {
  std::vector<Route> routes;
  for (const std::string& name : services) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
            name);
    if (service == nullptr) {
      return absl::NotFoundError(fmt::format("no service {}", name));
    }
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      if (!method.options().HasExtension(google::api::http)) continue;
      if (absl::Status status =
              AddRule(method, method.options().GetExtension(google::api::http),
                      &routes);
          !status.ok()) {
        return status;
      }
    }
  }
  return routes;
}

absl::StatusOr<FieldPath> FindFieldPath(const Descriptor& type,
                                        std::string_view path) {
  FieldPath result;
  const Descriptor* message = &type;
  std::string_view rest = path;
  while (true) {
    const std::string name(rest.substr(0, rest.find('.')));
    const FieldDescriptor* field =
        message == nullptr ? nullptr : FindField(*message, name);
    if (field == nullptr) {
      return absl::InvalidArgumentError(
          fmt::format("there is no field \"{}\"", path));
    }
    result.push_back(field);
    if (name.size() == rest.size()) return result;
    if (field->is_repeated()) {
      return absl::InvalidArgumentError(
          fmt::format("\"{}\" is inside a list", path));
    }
    message = field->message_type();
    rest.remove_prefix(name.size() + 1);
  }
}

}  // namespace pinhole::gateway
