// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/rules/route.h"

namespace pinhole::gateway {

// Finds the route of a request in a trie over path segments.
//
// A literal wins over `*`, and `*` over `**`, independent of the order of
// rules. Paths with an empty segment, such as a trailing slash, do not match.
// A variable is never empty, so its `**` matches at least one segment.  The
// text after the last colon is a verb if a rule has that verb, else a part of
// the segment.  For clients that escape whole segments, an escaped colon (%3A)
// can also begin a verb if no rule matches it as text.  At one path, a rule for
// the method wins over a GET rule for HEAD, and that over a rule for any method
// ("*"). Immutable, so thread-safe.
class Router {
 public:
  // Errors: INVALID_ARGUMENT (two rules match the same requests; both are
  // named).
  static absl::StatusOr<std::unique_ptr<Router>> Build(
      std::vector<Route> routes);
  ~Router();

  struct Match {
    const Route* route = nullptr;  // Null: there is none.
    // Decoded values, in the order of route->variables.
    std::vector<std::string> values;
    // The methods that the path supports; empty if no rule has the path.
    std::vector<std::string> allowed_methods;
  };

  // `path` is not decoded.  Errors: INVALID_ARGUMENT (a malformed escape).
  absl::StatusOr<Match> Find(std::string_view http_method,
                             std::string_view path) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Node;
  class Path;
  struct Search;

  explicit Router(std::vector<Route> routes);
  absl::Status Add(const Route& route);

  const std::vector<Route> routes_;
  std::unique_ptr<Node> root_;
};

}  // namespace pinhole::gateway
