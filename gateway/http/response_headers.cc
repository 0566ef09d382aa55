// SPDX-License-Identifier: Apache-2.0

#include "gateway/http/response_headers.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "fmt/format.h"
#include "gateway/http/cors.h"

namespace pinhole::gateway {

void AddCommonHeaders(const RequestHead& head, std::string_view request_id,
                      const ResponsePolicy& policy, Response* response) {
  response->headers.emplace_back("X-Request-Id", std::string(request_id));
  response->headers.emplace_back("X-Content-Type-Options", "nosniff");
  if (policy.strict_transport) {
    response->headers.emplace_back("Strict-Transport-Security",
                                   "max-age=31536000");
  }
  AddCorsHeaders(head, policy, response);
}

void AddVary(std::string_view header, Response* response) {
  for (auto& [name, value] : response->headers) {
    if (name != "Vary") continue;
    value += fmt::format(", {}", header);
    return;
  }
  response->headers.emplace_back("Vary", std::string(header));
}

std::string FormatAllow(std::vector<std::string> methods) {
  if (std::find(methods.begin(), methods.end(), "OPTIONS") == methods.end()) {
    methods.emplace_back("OPTIONS");
  }
  return absl::StrJoin(methods, ", ");
}

}  // namespace pinhole::gateway
