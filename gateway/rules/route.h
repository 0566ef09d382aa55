// SPDX-License-Identifier: Apache-2.0

// Route: one HTTP binding of one method, from its google.api.http rule and
// Pinhole's raw-body options, checked against the descriptors.

#ifndef PINHOLE_GATEWAY_RULES_ROUTE_H_
#define PINHOLE_GATEWAY_RULES_ROUTE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/rules/event_fields.h"
#include "gateway/rules/field_path.h"
#include "gateway/rules/location.h"
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
  std::string http_method;    // GET; * is any.
  std::string template_text;  // /v1/{name=photos/*}
  PathTemplate path;
  std::vector<FieldPath> variables;  // One for each of path.variables.
  Body body = Body::kNone;
  const google::protobuf::FieldDescriptor* body_field = nullptr;
  const google::protobuf::FieldDescriptor* response_field = nullptr;
  RawFields raw_request;
  RawFields raw_response;
  // What a PATCH changes; null unless the gateway fills it from the body.
  const google::protobuf::FieldDescriptor* update_mask = nullptr;
  bool implicit = false;  // Without a rule: POST /pkg.Service/Method.
  std::vector<LocationPart> location;
  EventFields events;
};

// The routes of one rule, additional bindings included.
// Errors: INVALID_ARGUMENT, as below.
absl::StatusOr<std::vector<Route>> MakeRoutes(
    const google::protobuf::MethodDescriptor& method,
    const google::api::HttpRule& rule);

// The routes of the rules of `services` (full names in the generated pool).
// Unary methods have `POST /pkg.Service/Method` with the whole request as the
// body besides, unless a rule has that path.
// Errors: NOT_FOUND (no such service), INVALID_ARGUMENT (a rule that cannot be
// served), naming the method and the template.
absl::StatusOr<std::vector<Route>> MakeRoutes(
    const std::vector<std::string>& services);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_RULES_ROUTE_H_
