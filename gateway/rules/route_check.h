// SPDX-License-Identifier: Apache-2.0

// What each part of a rule may be by itself and not together with another.

#ifndef PINHOLE_GATEWAY_RULES_ROUTE_CHECK_H_
#define PINHOLE_GATEWAY_RULES_ROUTE_CHECK_H_

#include <string_view>

#include "absl/status/status.h"
#include "gateway/rules/route.h"

namespace pinhole::gateway {

// Errors: INVALID_ARGUMENT (neither a token of RFC 9110 nor "*").
absl::Status CheckHttpMethod(std::string_view method);

// Refuses a route that could never be served as its rule says: variables that
// exclude one another, a body that a variable is already, raw bytes beside
// JSON, a path that the gateway answers itself.
// Errors: INVALID_ARGUMENT, naming the field.
absl::Status CheckRoute(const Route& route);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_RULES_ROUTE_CHECK_H_
