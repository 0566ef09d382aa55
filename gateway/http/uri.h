// SPDX-License-Identifier: Apache-2.0

// The parts of a request target (RFC 3986), decoded as google.api.http
// requires.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace pinhole::gateway {

// A request target; its views refer to the text it was split from.
struct Target {
  std::string_view path;   // Raw. Starts with /.
  std::string_view query;  // Raw, without ?; may be empty.
};

// Splits the origin form (/a?b) or the absolute form (http://host/a?b).
// Errors: INVALID_ARGUMENT.
absl::StatusOr<Target> SplitTarget(std::string_view text);

enum class Slashes {
  kDecode,  // %2F becomes a slash: for one segment.
  kKeep,    // %2F is kept: for several segments.
};

// Replaces %XX.  Returns nothing if an escape is malformed.
std::optional<std::string> PercentDecode(std::string_view text,
                                         Slashes slashes);

// Escapes all but the unreserved characters of RFC 3986, so that the result can
// be any part of a URI.
std::string PercentEncode(std::string_view text);

// Returns decoded names and values in order; `+` is a space.
// Errors: INVALID_ARGUMENT.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseQuery(
    std::string_view query);

// Removes parameters by name; a name that ends in * matches all that begin with
// the rest ("utm_*").
std::string WithoutParameters(std::string_view query,
                              const std::vector<std::string>& names);

}  // namespace pinhole::gateway
