// SPDX-License-Identifier: Apache-2.0

// Responses to calls that succeeded.

#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gateway/http/http_message.h"
#include "gateway/rules/json_names.h"
#include "gateway/rules/route.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

// Returns the JSON of the response, or of the one field that the rule names.
// Errors: INTERNAL (it cannot be represented as JSON).
absl::StatusOr<std::string> ResponseToJson(
    const Route& route, const google::protobuf::Message& response,
    JsonNames names);

// Returns 204 without a body for an Empty, 201 with a Location for a created
// resource, else 200.  Errors: INTERNAL (it cannot be represented as JSON).
absl::StatusOr<Response> MakeSuccess(const Route& route,
                                     const google::protobuf::Message& response,
                                     JsonNames names);

}  // namespace pinhole::gateway
