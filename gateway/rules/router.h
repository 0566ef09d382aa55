// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_RULES_ROUTER_H_
#define PINHOLE_GATEWAY_RULES_ROUTER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/rules/route.h"

namespace pinhole::gateway {

// Finds the route of a request in a trie over path segments.
//
// A literal wins over `*`, and `*` over `**`, whatever the order of the rules.
// Paths with an empty segment (and so with a trailing slash) match nothing, and
// no variable is empty: a `**` in one takes a segment at least.  What follows
// the last colon is a verb if some rule has it there, else it is text.  An
// escaped colon (%3A) is text if a rule takes the request so, else it is taken
// as a colon, for clients that escape whole segments.  At one
// path the method itself wins over HEAD by way of GET, and that over a rule for
// any method ("*").  Immutable, so thread-safe.
class Router {
 public:
  // Errors: INVALID_ARGUMENT: two rules for the same requests, both named.
  static absl::StatusOr<std::unique_ptr<Router>> Build(
      std::vector<Route> routes);
  ~Router();

  struct Match {
    const Route* route = nullptr;  // Null if there is none.
    // Decoded values, in the order of route->variables.
    std::vector<std::string> values;
    // What the path would take; empty if there is nothing at the path.
    std::vector<std::string> allowed_methods;
  };

  // `path` is raw.  Errors: INVALID_ARGUMENT (a malformed percent escape).
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

#endif  // PINHOLE_GATEWAY_RULES_ROUTER_H_
