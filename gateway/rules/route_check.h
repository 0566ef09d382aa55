// SPDX-License-Identifier: Apache-2.0

// Checks of single rules, independent of other rules.

#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "gateway/rules/route.h"

namespace pinhole::gateway {

// Errors: INVALID_ARGUMENT (it is neither a token of RFC 9110 nor "*").
absl::Status CheckHttpMethod(std::string_view method);

// Rejects a route that cannot be served: variables that exclude each other, a
// body field that is also a variable, raw bytes together with JSON, a path of
// the gateway itself.
// Errors: INVALID_ARGUMENT, with the field.
absl::Status CheckRoute(const Route& route);

}  // namespace pinhole::gateway
