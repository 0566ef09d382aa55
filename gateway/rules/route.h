// SPDX-License-Identifier: Apache-2.0

// Route: one HTTP binding of a method, from its google.api.http rule and
// Pinhole's options, checked against the descriptors.

#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/rules/field_path.h"
#include "gateway/rules/method_options.h"
#include "gateway/rules/path_template.h"
#include "gateway/rules/raw_fields.h"
#include "google/protobuf/descriptor.h"

namespace google::api {
class HttpRule;
}

namespace pinhole::gateway {

struct Route {
  enum class Body { kNone, kWhole, kField };

  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string http_method;    // GET; * matches any.
  std::string template_text;  // /v1/{name=photos/*}
  PathTemplate path;
  std::vector<FieldPath> variables;  // In the order of path.variables.
  Body body = Body::kNone;
  const google::protobuf::FieldDescriptor* body_field = nullptr;
  const google::protobuf::FieldDescriptor* response_field = nullptr;
  RawFields raw_request;
  RawFields raw_response;
  // The mask that the gateway fills from the body of a PATCH; null if it does
  // not.
  const google::protobuf::FieldDescriptor* update_mask = nullptr;
  bool implicit = false;  // There is no rule: POST /pkg.Service/Method.
  LocationParts location;
  EventFields events;
};

// Returns the routes of a rule and its additional bindings.
// Errors: INVALID_ARGUMENT, as below.
absl::StatusOr<std::vector<Route>> MakeRoutes(
    const google::protobuf::MethodDescriptor& method,
    const google::api::HttpRule& rule);

// Returns the routes of `services` (full names in the generated pool).  Unary
// methods also have `POST /pkg.Service/Method` with the whole request as the
// body, unless a rule uses that path.
// Errors: NOT_FOUND (a service does not exist), INVALID_ARGUMENT (a rule cannot
// be served), with the method and the template.
absl::StatusOr<std::vector<Route>> MakeRoutes(
    const std::vector<std::string>& services);

}  // namespace pinhole::gateway
