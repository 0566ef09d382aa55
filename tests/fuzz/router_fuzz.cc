// SPDX-License-Identifier: Apache-2.0

// The trie finds what a look at every template finds.  An input is a path and,
// on lines after it, the templates of GET rules.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/http/uri.h"
#include "gateway/rules/router.h"
#include "tests/conformance/everything.pb.h"
#include "tests/fuzz/fuzz.h"

namespace pinhole::gateway {
namespace {

using Kind = PathTemplate::Kind;

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

struct Reading {
  std::vector<std::string> segments;  // Decoded.
  std::string verb;
};

// One character for each segment and one for the end, so that the order of
// texts is that of precedence: literals, `*`, `**`, and the shorter `**`.
std::optional<std::string> Rank(const PathTemplate& path,
                                const Reading& reading) {
  if (path.verb != reading.verb) return std::nullopt;
  const auto many = std::find_if(
      path.segments.begin(), path.segments.end(),
      [](const auto& segment) { return segment.kind == Kind::kDoubleStar; });
  std::size_t length = 0;
  const std::size_t others =
      path.segments.size() - (many == path.segments.end() ? 0 : 1);
  if (reading.segments.size() < others) return std::nullopt;
  if (many == path.segments.end()) {
    if (reading.segments.size() != others) return std::nullopt;
  } else {
    length = reading.segments.size() - others;
    const auto index = static_cast<std::size_t>(many - path.segments.begin());
    for (const auto& variable : path.variables) {
      const bool inside = variable.begin <= index && index < variable.end;
      if (inside && length == 0) return std::nullopt;
    }
  }
  std::string rank;
  std::size_t at = 0;
  for (const PathTemplate::Segment& segment : path.segments) {
    if (segment.kind == Kind::kDoubleStar) {
      rank += '3' + std::string(length, '3');
      at += length;
      continue;
    }
    if (segment.kind == Kind::kLiteral &&
        segment.text != reading.segments[at]) {
      return std::nullopt;
    }
    rank += segment.kind == Kind::kLiteral ? '1' : '2';
    ++at;
  }
  return rank;
}

// The best of all templates; empty if none fits.
std::string FindSlowly(const std::vector<Route>& routes,
                       const Reading& reading) {
  std::optional<std::string> best;
  std::string found;
  for (const Route& route : routes) {
    const auto rank = Rank(route.path, reading);
    if (!rank || (best && *best <= *rank)) continue;
    best = rank;
    found = route.template_text;
  }
  return found;
}

std::optional<std::string> Decode(std::string_view text) {
  return PercentDecode(text, Slashes::kDecode);
}

// Nothing if the router must refuse the path; "" if it must find nothing.
std::optional<std::string> FindSlowly(const std::vector<Route>& routes,
                                      std::string_view path) {
  if (path.empty() || path.front() != '/') return "";
  const auto raw = Split(path.substr(1), '/');
  Reading whole;
  bool empty = false;
  bool malformed = false;
  for (const std::string& segment : raw) {
    empty = empty || segment.empty();
    const auto decoded = Decode(segment);
    malformed = malformed || !decoded;
    whole.segments.push_back(decoded.value_or(""));
  }
  if (empty) return "";
  if (malformed) return std::nullopt;
  // What a verb after the colon at `colon`, which is `width` long, leads to.
  const auto with_verb = [&](std::size_t colon, std::size_t width) {
    const std::string& last = raw.back();
    if (colon == std::string::npos || colon == 0 ||
        colon + width == last.size()) {
      return std::string();
    }
    Reading reading = whole;
    reading.segments.back() = *Decode(last.substr(0, colon));
    reading.verb = *Decode(last.substr(colon + width));
    return FindSlowly(routes, reading);
  };
  std::string found = with_verb(raw.back().rfind(':'), 1);
  if (found.empty()) found = FindSlowly(routes, whole);
  if (!found.empty()) return found;
  std::string upper = raw.back();
  for (char& c : upper) c = c == 'a' ? 'A' : c;
  return with_verb(upper.rfind("%3A"), 3);
}

void Check(std::string_view input) {
  const std::vector<std::string> lines = Split(input, '\n');
  std::vector<Route> routes;
  for (std::size_t i = 1; i < lines.size() && i < 20; ++i) {
    auto path = ParsePathTemplate(lines[i]);
    if (!path.ok()) continue;
    Route route;
    route.method =
        conformance::Everything::descriptor()->file()->service(0)->method(0);
    route.http_method = "GET";
    route.template_text = lines[i];
    route.path = *std::move(path);
    routes.push_back(std::move(route));
  }
  const auto router = Router::Build(routes);
  if (!router.ok()) return;  // Two rules for the same requests.
  const auto match = (*router)->Find("GET", lines[0]);
  const auto expected = FindSlowly(routes, lines[0]);
  Expect(match.ok() == expected.has_value(), "malformed escapes are refused",
         input);
  if (!match.ok()) return;
  const std::string found =
      match->route == nullptr ? "" : match->route->template_text;
  Expect(found == *expected, "the trie finds the best template", input);
  if (match->route == nullptr) return;
  Expect(match->values.size() == match->route->path.variables.size(),
         "each variable has a value", input);
  for (const std::string& value : match->values) {
    Expect(!value.empty(), "no variable is empty", input);
  }
}

}  // namespace
}  // namespace pinhole::gateway

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pinhole::gateway::Check(pinhole::gateway::Text(data, size));
  return 0;
}
