// SPDX-License-Identifier: Apache-2.0

#include "gateway/answer.h"

#include <string>

namespace pinhole::gateway {

void AddCommonHeaders(const RequestHead& /*head*/, std::string_view request_id,
                      const AnswerPolicy& /*policy*/, Response* response) {
  response->headers.emplace_back("X-Request-Id", std::string(request_id));
  response->headers.emplace_back("X-Content-Type-Options", "nosniff");
}

}  // namespace pinhole::gateway
