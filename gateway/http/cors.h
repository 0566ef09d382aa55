// SPDX-License-Identifier: Apache-2.0

// CORS, as the Fetch standard has it: which pages of other origins may read the
// answers.  Whom a call is from says its token, never a cookie, so no answer
// allows credentials.

#ifndef PINHOLE_GATEWAY_HTTP_CORS_H_
#define PINHOLE_GATEWAY_HTTP_CORS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "gateway/http/answer.h"
#include "gateway/http/http_message.h"

namespace pinhole::gateway {

// Whether `origin` may be in AnswerPolicy::cors_origins: SCHEME://HOST[:PORT]
// as browsers write it, without a path, or `*`.  Errors: INVALID_ARGUMENT.
absl::Status CheckOrigin(std::string_view origin);

// Whether a browser asks if it may send another request.  Never if CORS is off.
bool IsPreflight(const RequestHead& head, const AnswerPolicy& policy);

// What all answers say.  Nothing if CORS is off.
void AddCorsHeaders(const RequestHead& head, const AnswerPolicy& policy,
                    Response* response);

// What the answer to a preflight says besides: `methods` are taken at the path,
// or the one that was asked for if they are empty.
void AddPreflightHeaders(const RequestHead& head, const AnswerPolicy& policy,
                         const std::vector<std::string>& methods,
                         Response* response);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_HTTP_CORS_H_
