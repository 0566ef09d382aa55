// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pinhole::gateway {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// A request without its body.
struct RequestHead {
  std::string method;
  std::string target;
  // Names in lower case; repeated headers are separate entries.
  HeaderList headers;
  std::optional<std::uint64_t> content_length;
  bool has_body = false;  // Has a Content-Length above 0, or is chunked.
  bool expects_continue = false;  // The client waits for "100 Continue".
  bool http_1_0 = false;

  // Returns the first value of `name` (lower case), or an empty text.
  std::string_view Header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

struct Response {
  int code = 200;
  HeaderList headers;
  std::string body;
};

}  // namespace pinhole::gateway
