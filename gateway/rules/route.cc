// SPDX-License-Identifier: Apache-2.0

#include "gateway/rules/route.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>

#include "fmt/format.h"
#include "gateway/rules/field_value.h"
#include "gateway/rules/route_check.h"
#include "google/api/annotations.pb.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {
namespace {

using google::api::HttpRule;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

absl::Status RuleError(const MethodDescriptor& method, std::string_view path,
                       absl::string_view what) {
  return absl::InvalidArgumentError(
      fmt::format("{}: rule \"{}\": {}", method.full_name(), path,
                  std::string_view(what.data(), what.size())));
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
      return absl::InvalidArgumentError("body is not a field of the request");
    }
  }
  if (!rule.response_body().empty()) {
    route->response_field =
        route->method->output_type()->FindFieldByName(rule.response_body());
    if (route->response_field == nullptr) {
      return absl::InvalidArgumentError(
          "response_body is not a field of the response");
    }
  }
  return absl::OkStatus();
}

absl::Status FindRawBodies(Route* route) {
  const MethodDescriptor& method = *route->method;
  if (method.client_streaming() && method.server_streaming()) {
    return absl::InvalidArgumentError(
        "bidirectional streaming is not supported over HTTP");
  }
  if (route->body != Route::Body::kNone ||
      method.options().HasExtension(v1::raw_request)) {
    auto raw = FindRawRequest(method, route->body_field);
    if (!raw.ok()) return raw.status();
    route->raw_request = *std::move(raw);
  }
  if (method.client_streaming() && route->body == Route::Body::kNone &&
      !route->raw_request) {
    return absl::InvalidArgumentError("client streaming requires a body");
  }
  if (route->raw_request && !route->raw_request.http_body &&
      !route->variables.empty()) {
    return absl::InvalidArgumentError(
        "a method with a raw body cannot have path variables");
  }
  auto raw = FindRawResponse(method, route->response_field);
  if (!raw.ok()) return raw.status();
  route->raw_response = *std::move(raw);
  return absl::OkStatus();
}

// Applies to a PATCH of one message field next to a mask.
const FieldDescriptor* FindUpdateMask(const Route& route) {
  if (route.http_method != "PATCH" || route.body != Route::Body::kField ||
      route.body_field->message_type() == nullptr ||
      route.body_field->is_repeated()) {
    return nullptr;
  }
  const Descriptor& request = *route.method->input_type();
  const FieldDescriptor* mask = nullptr;
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor* field = request.field(i);
    if (field == route.body_field || field->is_repeated() ||
        field->message_type() == nullptr ||
        field->message_type()->well_known_type() !=
            Descriptor::WELLKNOWNTYPE_FIELDMASK) {
      continue;
    }
    if (mask != nullptr) return nullptr;
    mask = field;
  }
  return mask;
}

absl::Status FillRoute(const HttpRule& rule, Route* route) {
  if (absl::Status status = CheckHttpMethod(route->http_method); !status.ok()) {
    return status;
  }
  auto path = ParsePathTemplate(route->template_text);
  if (!path.ok()) return path.status();
  route->path = *std::move(path);
  if (absl::Status status = FindVariables(route); !status.ok()) return status;
  absl::Status status = FindBody(rule, route);
  if (status.ok()) status = FindRawBodies(route);
  if (status.ok()) status = FindLocation(*route->method, &route->location);
  if (status.ok()) {
    status =
        FindEventFields(*route->method, route->raw_response, &route->events);
  }
  if (!status.ok()) return status;
  route->update_mask = FindUpdateMask(*route);
  return CheckRoute(*route);
}

absl::Status AddRule(const MethodDescriptor& method, const HttpRule& rule,
                     std::vector<Route>* routes) {
  Route route;
  route.method = &method;
  std::tie(route.http_method, route.template_text) = Pattern(rule);
  if (absl::Status status = FillRoute(rule, &route); !status.ok()) {
    return RuleError(method, route.template_text, status.message());
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

// Returns nothing if a rule uses the path.
std::optional<Route> ImplicitRoute(const MethodDescriptor& method,
                                   const std::vector<Route>& rules) {
  if (method.client_streaming() || method.server_streaming()) {
    return std::nullopt;
  }
  Route route;
  route.method = &method;
  route.http_method = "POST";
  route.template_text =
      fmt::format("/{}/{}", method.service()->full_name(), method.name());
  route.path.segments = {
      {PathTemplate::Kind::kLiteral, method.service()->full_name()},
      {PathTemplate::Kind::kLiteral, method.name()}};
  route.body = Route::Body::kWhole;
  route.implicit = true;
  const bool taken =
      std::any_of(rules.begin(), rules.end(), [&](const Route& rule) {
        return (rule.http_method == "POST" || rule.http_method == "*") &&
               rule.template_text == route.template_text;
      });
  if (taken) return std::nullopt;
  return route;
}

}  // namespace

absl::StatusOr<std::vector<Route>> MakeRoutes(const MethodDescriptor& method,
                                              const HttpRule& rule) {
  std::vector<Route> routes;
  if (absl::Status status = AddRule(method, rule, &routes); !status.ok()) {
    return status;
  }
  return routes;
}

absl::StatusOr<std::vector<Route>> MakeRoutes(
    const std::vector<std::string>& services) {
  std::vector<Route> routes;
  std::vector<const MethodDescriptor*> methods;
  for (const std::string& name : services) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
            name);
    if (service == nullptr) {
      return absl::NotFoundError(
          fmt::format("service {} does not exist", name));
    }
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      methods.push_back(&method);
      if (!method.options().HasExtension(google::api::http)) continue;
      if (absl::Status status =
              AddRule(method, method.options().GetExtension(google::api::http),
                      &routes);
          !status.ok()) {
        return status;
      }
    }
  }
  std::vector<Route> implicit;
  for (const MethodDescriptor* method : methods) {
    if (auto route = ImplicitRoute(*method, routes)) {
      implicit.push_back(*std::move(route));
    }
  }
  std::move(implicit.begin(), implicit.end(), std::back_inserter(routes));
  return routes;
}

}  // namespace pinhole::gateway
