// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/http_message.h"

namespace pinhole::gateway {

// Settings for all responses.
struct ResponsePolicy {
  // Origins whose pages may read the responses: https://app.example, or * for
  // all. Empty: CORS is off.
  std::vector<std::string> cors_origins;
  // Headers that those pages may read besides the gateway's own.
  std::vector<std::string> exposed_headers;
  // Sends Strict-Transport-Security for one year (RFC 6797).  Only for
  // responses over TLS; browsers must ignore the header in plaintext.
  bool strict_transport = false;
};

// Adds the headers of every response, errors and streams included.
void AddCommonHeaders(const RequestHead& head, std::string_view request_id,
                      const ResponsePolicy& policy, Response* response);

// Adds `header` to Vary.
void AddVary(std::string_view header, Response* response);

// Formats Allow.  OPTIONS is always allowed.
std::string FormatAllow(std::vector<std::string> methods);

}  // namespace pinhole::gateway
