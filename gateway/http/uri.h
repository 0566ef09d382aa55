// SPDX-License-Identifier: Apache-2.0

// The parts of a request target (RFC 3986), decoded as google.api.http asks.

#ifndef PINHOLE_GATEWAY_HTTP_URI_H_
#define PINHOLE_GATEWAY_HTTP_URI_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace pinhole::gateway {

// A request target; views into the text it was split from.
struct Target {
  std::string_view path;   // Raw. Starts with /.
  std::string_view query;  // Raw, without ?; may be empty.
};

// Takes origin form (/a?b) and absolute form (http://host/a?b).
// Errors: INVALID_ARGUMENT.
absl::StatusOr<Target> SplitTarget(std::string_view text);

enum class Slashes {
  kDecode,  // %2F becomes a slash: for one segment.
  kKeep,    // %2F stays as it is: where it would look like a separator.
};

// Replaces %XX.  Nothing if an escape is malformed.
std::optional<std::string> PercentDecode(std::string_view text,
                                         Slashes slashes);

// Escapes all but what RFC 3986 calls unreserved: fits into any part of a URI.
std::string PercentEncode(std::string_view text);

// Names and values in order, decoded; `+` is a space.
// Errors: INVALID_ARGUMENT.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseQuery(
    std::string_view query);

// The query without the parameters of these names; a name that ends in * stands
// for all that begin like it ("utm_*").
std::string WithoutParameters(std::string_view query,
                              const std::vector<std::string>& names);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_HTTP_URI_H_
