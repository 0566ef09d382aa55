// SPDX-License-Identifier: Apache-2.0

#include "gateway/router.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "fmt/format.h"
#include "gateway/uri.h"

namespace pinhole::gateway {

using Kind = PathTemplate::Kind;

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> star;
  std::unique_ptr<Node> double_star;
  // By verb, then by HTTP method.
  std::map<std::string, std::map<std::string, const Route*, std::less<>>,
           std::less<>>
      leaves;
};

namespace {

// Views into the path, without the slashes; nothing if one is empty.
std::optional<std::vector<std::string_view>> SplitPath(std::string_view path) {
  if (path.empty() || path.front() != '/') return std::nullopt;
  std::vector<std::string_view> segments;
  std::size_t begin = 1;
  while (true) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (end == begin) return std::nullopt;
    segments.push_back(path.substr(begin, end - begin));
    if (end == path.size()) return segments;
    begin = end + 1;
  }
}

}  // namespace

// One walk through the trie for one reading of the path.
struct Router::Search {
  std::string_view http_method;
  std::string_view verb;
  std::vector<std::string_view> raw;
  std::vector<std::string> decoded;

  const Route* found = nullptr;
  std::size_t double_star_length = 0;  // Segments under the `**`, if any.
  std::set<std::string> allowed;

  bool Leaf(const Node& node) {
    const auto methods = node.leaves.find(verb);
    if (methods == node.leaves.end()) return false;
    const auto exact = methods->second.find(http_method);
    if (exact != methods->second.end()) {
      found = exact->second;
      return true;
    }
    const auto get = methods->second.find("GET");
    if (http_method == "HEAD" && get != methods->second.end()) {
      found = get->second;
      return true;
    }
    for (const auto& [method, route] : methods->second) allowed.insert(method);
    return false;
  }

  bool Walk(const Node& node, std::size_t index) {
    if (index < raw.size()) {
      const auto literal = node.literals.find(decoded[index]);
      if (literal != node.literals.end() && Walk(*literal->second, index + 1)) {
        return true;
      }
      if (node.star != nullptr && Walk(*node.star, index + 1)) return true;
    } else if (Leaf(node)) {
      return true;
    }
    if (node.double_star == nullptr) return false;
    // Fewest first: so the rule with the longest literal tail wins.
    for (std::size_t next = index; next <= raw.size(); ++next) {
      double_star_length = next - index;
      if (Walk(*node.double_star, next)) return true;
    }
    return false;
  }

  std::vector<std::string> Values() const {
    std::vector<std::string> values;
    // Where a template segment begins in the path: `**` shifts what follows.
    const auto offset = [this](std::size_t segment) {
      const auto& segments = found->path.segments;
      std::size_t position = 0;
      for (std::size_t i = 0; i < segment; ++i) {
        position +=
            segments[i].kind == Kind::kDoubleStar ? double_star_length : 1;
      }
      return position;
    };
    for (const PathTemplate::Variable& variable : found->path.variables) {
      const bool single =
          variable.end - variable.begin == 1 &&
          found->path.segments[variable.begin].kind != Kind::kDoubleStar;
      std::string value;
      for (std::size_t i = offset(variable.begin); i < offset(variable.end);
           ++i) {
        if (!value.empty()) value += '/';
        // Well-formed: the whole path was decoded before.
        value += single ? decoded[i]
                        : PercentDecode(raw[i], Slashes::kKeep).value_or("");
      }
      values.push_back(std::move(value));
    }
    return values;
  }
};

Router::Router(std::vector<Route> routes)
    : routes_(std::move(routes)), root_(std::make_unique<Node>()) {}

Router::~Router() = default;

absl::StatusOr<std::unique_ptr<Router>> Router::Build(
    std::vector<Route> routes) {
  std::unique_ptr<Router> router(new Router(std::move(routes)));
  for (const Route& route : router->routes_) {
    if (absl::Status status = router->Add(route); !status.ok()) return status;
  }
  return router;
}

absl::Status Router::Add(const Route& route) {
  Node* node = root_.get();
  for (const PathTemplate::Segment& segment : route.path.segments) {
    std::unique_ptr<Node>& next =
        segment.kind == Kind::kLiteral ? node->literals[segment.text]
        : segment.kind == Kind::kStar  ? node->star
                                       : node->double_star;
    if (next == nullptr) next = std::make_unique<Node>();
    node = next.get();
  }
  const Route*& leaf = node->leaves[route.path.verb][route.http_method];
  if (leaf != nullptr) {
    return absl::InvalidArgumentError(fmt::format(
        "{} \"{}\" of {} is already taken by \"{}\" of {}", route.http_method,
        route.template_text, route.method->full_name(), leaf->template_text,
        leaf->method->full_name()));
  }
  leaf = &route;
  return absl::OkStatus();
}

absl::StatusOr<Router::Match> Router::Find(std::string_view http_method,
                                           std::string_view path) const {
  Match match;
  const auto segments = SplitPath(path);
  if (!segments) return match;

  const std::string_view last = segments->back();
  const std::size_t colon = last.rfind(':');
  const bool may_have_verb = colon != std::string_view::npos && colon > 0;
  for (const bool with_verb : {true, false}) {
    if (with_verb && !may_have_verb) continue;
    Search search{http_method, "", *segments, {}, nullptr, 0, {}};
    if (with_verb) {
      search.verb = last.substr(colon + 1);
      if (search.verb.empty()) continue;
      search.raw.back() = last.substr(0, colon);
    }
    for (const std::string_view raw : search.raw) {
      auto decoded = PercentDecode(raw, Slashes::kDecode);
      if (!decoded) {
        return absl::InvalidArgumentError(
            "the path has a malformed percent escape");
      }
      search.decoded.push_back(*std::move(decoded));
    }
    if (search.Walk(*root_, 0)) {
      match.route = search.found;
      match.values = search.Values();
      return match;
    }
    if (search.allowed.contains("GET")) search.allowed.insert("HEAD");
    match.allowed_methods.assign(search.allowed.begin(), search.allowed.end());
    if (!match.allowed_methods.empty()) return match;
  }
  return match;
}

}  // namespace pinhole::gateway
