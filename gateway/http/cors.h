// SPDX-License-Identifier: Apache-2.0

// CORS (Fetch standard): which pages of other origins may read the responses.
// Callers are identified by a token and never by a cookie, so credentials are
// never allowed.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "gateway/http/http_message.h"
#include "gateway/http/response_headers.h"

namespace pinhole::gateway {

// Checks an entry of ResponsePolicy::cors_origins: `*`, or SCHEME://HOST[:PORT]
// as browsers send it.  Errors: INVALID_ARGUMENT.
absl::Status CheckOrigin(std::string_view origin);

// Whether the request is a preflight.  Always false if CORS is off.
bool IsPreflight(const RequestHead& head, const ResponsePolicy& policy);

// Adds the headers of all responses.  Does nothing if CORS is off.
void AddCorsHeaders(const RequestHead& head, const ResponsePolicy& policy,
                    Response* response);

// Adds the headers of a response to a preflight.  `methods` are those of the
// path; if empty, the requested method is allowed.
void AddPreflightHeaders(const RequestHead& head, const ResponsePolicy& policy,
                         const std::vector<std::string>& methods,
                         Response* response);

}  // namespace pinhole::gateway
