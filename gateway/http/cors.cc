// SPDX-License-Identifier: Apache-2.0

#include "gateway/http/cors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "fmt/format.h"

namespace pinhole::gateway {
namespace {

constexpr char kAnyOrigin[] = "*";
constexpr char kExposed[] =
    "Accept-Ranges, Content-Disposition, Content-Range, ETag, Location, "
    "Retry-After, X-Request-Id";
// Seconds for which browsers cache a preflight.  A change of the allow-list
// takes effect after that time.
constexpr char kMaxAge[] = "600";

// Returns the value of Access-Control-Allow-Origin; empty if it is not allowed.
std::string_view AllowedOrigin(const RequestHead& head,
                               const ResponsePolicy& policy) {
  const std::string_view origin = head.Header("origin");
  if (origin.empty()) return {};
  for (const std::string& allowed : policy.cors_origins) {
    if (allowed == kAnyOrigin) return kAnyOrigin;
    if (allowed == origin) return origin;
  }
  return {};
}

}  // namespace

absl::Status CheckOrigin(std::string_view origin) {
  if (origin == kAnyOrigin) return absl::OkStatus();
  const std::size_t scheme = origin.find("://");
  const bool good =
      scheme != std::string_view::npos && scheme > 0 &&
      scheme + 3 < origin.size() &&
      std::all_of(origin.begin(), origin.end(),
                  [](char c) {
                    return absl::ascii_isgraph(static_cast<unsigned char>(c)) &&
                           !absl::ascii_isupper(static_cast<unsigned char>(c));
                  }) &&
      origin.substr(scheme + 3).find_first_of("/?#@*,") ==
          std::string_view::npos;
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "\"{}\" is not an origin: it must be *, or SCHEME://HOST[:PORT] "
      "in lower case and without a path, like https://app.example",
      origin));
}

bool IsPreflight(const RequestHead& head, const ResponsePolicy& policy) {
  return !policy.cors_origins.empty() && head.method == "OPTIONS" &&
         !head.Header("origin").empty() &&
         !head.Header("access-control-request-method").empty();
}

void AddCorsHeaders(const RequestHead& head, const ResponsePolicy& policy,
                    Response* response) {
  if (policy.cors_origins.empty()) return;
  AddVary("Origin", response);
  const std::string_view origin = AllowedOrigin(head, policy);
  if (origin.empty()) return;
  response->headers.emplace_back("Access-Control-Allow-Origin",
                                 std::string(origin));
  std::string exposed = kExposed;
  for (const std::string& name : policy.exposed_headers) {
    exposed += fmt::format(", {}", name);
  }
  response->headers.emplace_back("Access-Control-Expose-Headers",
                                 std::move(exposed));
}

void AddPreflightHeaders(const RequestHead& head, const ResponsePolicy& policy,
                         const std::vector<std::string>& methods,
                         Response* response) {
  AddVary("Access-Control-Request-Method", response);
  AddVary("Access-Control-Request-Headers", response);
  if (AllowedOrigin(head, policy).empty()) return;
  // Lets the page read the 404 that follows.
  response->headers.emplace_back(
      "Access-Control-Allow-Methods",
      methods.empty()
          ? std::string(head.Header("access-control-request-method"))
          : absl::StrJoin(methods, ", "));
  const std::string_view asked = head.Header("access-control-request-headers");
  if (!asked.empty()) {
    response->headers.emplace_back("Access-Control-Allow-Headers",
                                   std::string(asked));
  }
  response->headers.emplace_back("Access-Control-Max-Age", kMaxAge);
}

}  // namespace pinhole::gateway
