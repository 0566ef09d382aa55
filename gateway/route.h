// SPDX-License-Identifier: Apache-2.0

// Route: one HTTP binding of one method, from its google.api.http rule and
// Pinhole's raw-body options, checked against the descriptors.

#ifndef PINHOLE_GATEWAY_ROUTE_H_
#define PINHOLE_GATEWAY_ROUTE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/path_template.h"
#include "gateway/raw_fields.h"
#include "google/protobuf/descriptor.h"

namespace pinhole::gateway {

// Fields from the outer message to the inner field.
using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

struct Route {
  enum class Body { kNone, kWhole, kField };

  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string http_method;    // GET
  std::string template_text;  // /v1/{name=photos/*}
  PathTemplate path;
  std::vector<FieldPath> variables;  // One for each of path.variables.
  Body body = Body::kNone;
  const google::protobuf::FieldDescriptor* body_field = nullptr;
  const google::protobuf::FieldDescriptor* response_field = nullptr;
  RawFields raw_request;
  RawFields raw_response;
};

// The routes of all methods of `services` (full names in the generated pool)
// that have a rule, additional bindings included.
// Errors: NOT_FOUND (no such service), INVALID_ARGUMENT (a rule that cannot be
// served), naming the method and the template.
absl::StatusOr<std::vector<Route>> MakeRoutes(
    const std::vector<std::string>& services);

// Finds `path` ("photo.name"; proto or JSON names) from `type` inwards.
// Errors: INVALID_ARGUMENT (no such field, or one inside a list or a map).
absl::StatusOr<FieldPath> FindFieldPath(
    const google::protobuf::Descriptor& type, std::string_view path);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_ROUTE_H_
