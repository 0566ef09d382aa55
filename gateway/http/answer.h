// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_HTTP_ANSWER_H_
#define PINHOLE_GATEWAY_HTTP_ANSWER_H_

#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/http_message.h"

namespace pinhole::gateway {

// What the operator wants of all answers.
struct AnswerPolicy {
  // Whose pages may read the answers: https://app.example, or * for all.
  // Empty: CORS is off.
  std::vector<std::string> cors_origins;
  // Headers that those pages may read besides the gateway's own.
  std::vector<std::string> exposed_headers;
  // Tells browsers to use only TLS for this host, for a year (RFC 6797).  For
  // answers over TLS; browsers must ignore the header in clear text.
  bool strict_transport = false;
};

// The headers that every answer has, whole or in pieces, errors too.
void AddCommonHeaders(const RequestHead& head, std::string_view request_id,
                      const AnswerPolicy& policy, Response* response);

// Says that the answer depends on a header of the request.
void AddVary(std::string_view header, Response* response);

// The value of Allow where `methods` are taken: OPTIONS always is.
std::string FormatAllow(std::vector<std::string> methods);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_HTTP_ANSWER_H_
