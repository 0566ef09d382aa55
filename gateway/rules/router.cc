// SPDX-License-Identifier: Apache-2.0

#include "gateway/rules/router.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "base/errors.h"
#include "fmt/format.h"
#include "gateway/http/uri.h"

namespace pinhole::gateway {

using Kind = PathTemplate::Kind;

namespace {

// A linear search in a few entries, or a binary search in many, is faster than
// a hash table.
template <typename T>
class SortedByName {
 public:
  T* Find(std::string_view name) const {
    const auto at = LowerBound(name);
    return at != entries_.end() && at->first == name ? at->second.get()
                                                     : nullptr;
  }
  T& FindOrAdd(std::string_view name) {
    const auto at = LowerBound(name);
    if (at != entries_.end() && at->first == name) return *at->second;
    return *entries_.emplace(at, std::string(name), std::make_unique<T>())
                ->second;
  }

 private:
  using Entries = std::vector<std::pair<std::string, std::unique_ptr<T>>>;

  typename Entries::const_iterator LowerBound(std::string_view name) const {
    return std::lower_bound(entries_.begin(), entries_.end(), name,
                            [](const auto& entry, std::string_view key) {
                              return entry.first < key;
                            });
  }

  Entries entries_;
};

// The routes of one path and verb, by HTTP method.
struct Leaf {
  struct Entry {
    const Route* route;
    bool wants_many;  // See `HasVariableDoubleStar`.
  };
  std::vector<Entry> entries;
};

struct Segment {
  std::string_view raw;
  std::string_view decoded;  // `raw`, or a copy in `Path`.
};

// ":" or its escape, "%3A".
enum class Colon { kPlain, kEscaped };

std::size_t LastColon(std::string_view segment, Colon kind) {
  if (kind == Colon::kPlain) return segment.rfind(':');
  for (std::size_t end = segment.size(); end >= 3; --end) {
    const std::string_view escape = segment.substr(end - 3, 3);
    if (escape == "%3A" || escape == "%3a") return end - 3;
  }
  return std::string_view::npos;
}

// A variable is never empty, so its `**` matches at least one segment.
bool HasVariableDoubleStar(const PathTemplate& path) {
  return std::any_of(path.variables.begin(), path.variables.end(),
                     [&](const PathTemplate::Variable& variable) {
                       for (auto i = variable.begin; i < variable.end; ++i) {
                         if (path.segments[i].kind == Kind::kDoubleStar) {
                           return true;
                         }
                       }
                       return false;
                     });
}

}  // namespace

struct Router::Node {
  SortedByName<Node> literals;
  std::unique_ptr<Node> star;
  std::unique_ptr<Node> double_star;
  SortedByName<Leaf> leaves;  // By verb.
};

// The segments of a request's path.
class Router::Path {
 public:
  // Without its verb, if there is one.
  absl::InlinedVector<Segment, 8> segments;
  std::string_view verb;

  // Returns false if a segment is empty.  `text` must outlive the path.
  bool Split(std::string_view text) {
    if (text.empty() || text.front() != '/') return false;
    std::size_t begin = 1;
    while (true) {
      const std::size_t end = std::min(text.find('/', begin), text.size());
      if (end == begin) return false;
      const std::string_view raw = text.substr(begin, end - begin);
      segments.push_back({raw, raw});
      if (end == text.size()) return true;
      begin = end + 1;
    }
  }

  // Returns false if an escape is malformed.
  bool Decode() {
    for (Segment& segment : segments) {
      if (!DecodeOne(segment.raw, &segment.decoded)) return false;
    }
    return true;
  }

  // Returns the path with the text after the last colon, plain or escaped, as
  // its verb; nothing if there is no colon, or no text on one of its sides.
  std::optional<Path> WithVerb(Colon kind) const {
    const std::string_view last = segments.back().raw;
    const std::size_t colon = LastColon(last, kind);
    const std::size_t width = kind == Colon::kPlain ? 1 : 3;
    if (colon == std::string_view::npos || colon == 0 ||
        colon + width == last.size()) {
      return std::nullopt;
    }
    std::optional<Path> path(std::in_place);
    path->segments = segments;
    // Cannot fail: the whole segment was decoded before, and neither colon
    // splits an escape.
    Segment& cut = path->segments.back();
    cut.raw = last.substr(0, colon);
    path->DecodeOne(cut.raw, &cut.decoded);
    path->DecodeOne(last.substr(colon + width), &path->verb);
    return path;
  }

 private:
  bool DecodeOne(std::string_view raw, std::string_view* decoded) {
    *decoded = raw;
    if (raw.find('%') == std::string_view::npos) return true;
    auto text = PercentDecode(raw, Slashes::kDecode);
    if (!text) return false;
    *decoded =
        *kept_.emplace_back(std::make_unique<std::string>(*std::move(text)));
    return true;
  }

  std::vector<std::unique_ptr<std::string>> kept_;
};

// One search in the trie for one interpretation of the path.
struct Router::Search {
  std::string_view http_method;
  const Path& path;

  const Route* found = nullptr;
  std::size_t double_star_length = 0;  // Segments that `**` matches.
  std::vector<std::string> allowed;

  bool TakeLeaf(const Node& node) {
    const Leaf* leaf = node.leaves.Find(path.verb);
    if (leaf == nullptr) return false;
    const Route* head = nullptr;
    const Route* any = nullptr;
    for (const auto& [route, wants_many] : leaf->entries) {
      if (wants_many && double_star_length == 0) continue;
      if (route->http_method == http_method) {
        found = route;
        return true;
      }
      if (route->http_method == "GET" && http_method == "HEAD") head = route;
      if (route->http_method == "*") any = route;
      allowed.push_back(route->http_method);
    }
    found = head != nullptr ? head : any;
    return found != nullptr;
  }

  bool Walk(const Node& node, std::size_t index) {
    if (index < path.segments.size()) {
      const Node* literal = node.literals.Find(path.segments[index].decoded);
      if (literal != nullptr && Walk(*literal, index + 1)) return true;
      if (node.star != nullptr && Walk(*node.star, index + 1)) return true;
    } else if (TakeLeaf(node)) {
      return true;
    }
    if (node.double_star == nullptr) return false;
    // Fewest segments first, so that the rule with the longest literal tail
    // wins.
    for (std::size_t next = index; next <= path.segments.size(); ++next) {
      double_star_length = next - index;
      if (Walk(*node.double_star, next)) return true;
    }
    double_star_length = 0;
    return false;
  }

  // Maps a segment of the template to the path: `**` shifts the following ones.
  std::size_t Offset(std::size_t segment) const {
    std::size_t position = 0;
    for (std::size_t i = 0; i < segment; ++i) {
      position += found->path.segments[i].kind == Kind::kDoubleStar
                      ? double_star_length
                      : 1;
    }
    return position;
  }

  std::string Value(const PathTemplate::Variable& variable) const {
    const std::size_t begin = Offset(variable.begin);
    const bool single =
        variable.end - variable.begin == 1 &&
        found->path.segments[variable.begin].kind != Kind::kDoubleStar;
    if (single) return std::string(path.segments[begin].decoded);
    std::string value;
    const std::size_t end = Offset(variable.end);
    for (std::size_t i = begin; i < end; ++i) {
      if (i > begin) value += '/';
      const auto& [raw, decoded] = path.segments[i];
      if (decoded.data() == raw.data()) {
        value += raw;
      } else {  // Cannot fail: it was decoded before.
        value += PercentDecode(raw, Slashes::kKeep).value_or("");
      }
    }
    return value;
  }

  Match TakeMatch() {
    Match match;
    match.route = found;
    if (found != nullptr) {
      match.values.reserve(found->path.variables.size());
      for (const PathTemplate::Variable& variable : found->path.variables) {
        match.values.push_back(Value(variable));
      }
      return match;
    }
    if (std::find(allowed.begin(), allowed.end(), "GET") != allowed.end()) {
      allowed.emplace_back("HEAD");
    }
    std::sort(allowed.begin(), allowed.end());
    allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
    match.allowed_methods = std::move(allowed);
    return match;
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
    if (segment.kind == Kind::kLiteral) {
      node = &node->literals.FindOrAdd(segment.text);
      continue;
    }
    std::unique_ptr<Node>& next =
        segment.kind == Kind::kStar ? node->star : node->double_star;
    if (next == nullptr) next = std::make_unique<Node>();
    node = next.get();
  }
  Leaf& leaf = node->leaves.FindOrAdd(route.path.verb);
  for (const auto& [other, wants_many] : leaf.entries) {
    if (other->http_method != route.http_method) continue;
    return absl::InvalidArgumentError(fmt::format(
        "{} \"{}\" of {} is already taken by \"{}\" of {}", route.http_method,
        route.template_text, route.method->full_name(), other->template_text,
        other->method->full_name()));
  }
  leaf.entries.push_back({&route, HasVariableDoubleStar(route.path)});
  return absl::OkStatus();
}

absl::StatusOr<Router::Match> Router::Find(std::string_view http_method,
                                           std::string_view path) const {
  Path whole;
  if (!whole.Split(path)) return Match();
  if (!whole.Decode()) {
    return MakeError(Reason::kMalformedHttp,
                     "the path has a malformed percent escape");
  }
  const auto look = [&](const Path& reading) {
    Search search{http_method, reading, nullptr, 0, {}};
    search.Walk(*root_, 0);
    return search.TakeMatch();
  };
  const auto is_there = [](const Match& match) {
    return match.route != nullptr || !match.allowed_methods.empty();
  };
  if (const auto cut = whole.WithVerb(Colon::kPlain)) {
    Match match = look(*cut);
    if (is_there(match)) return match;
  }
  Match match = look(whole);
  if (match.route != nullptr) return match;
  if (const auto cut = whole.WithVerb(Colon::kEscaped)) {
    Match escaped = look(*cut);
    if (escaped.route != nullptr || !is_there(match)) return escaped;
  }
  return match;
}

}  // namespace pinhole::gateway
