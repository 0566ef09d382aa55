// SPDX-License-Identifier: Apache-2.0

#include "gateway/http/uri.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "base/errors.h"

namespace pinhole::gateway {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> DecodeForm(std::string_view text) {
  std::string spaced(text);
  for (char& c : spaced) {
    if (c == '+') c = ' ';
  }
  return PercentDecode(spaced, Slashes::kDecode);
}

// Takes the next pair, and the `&` after it.
std::string_view TakePair(std::string_view* query) {
  const std::string_view pair = query->substr(0, query->find('&'));
  query->remove_prefix(std::min(pair.size() + 1, query->size()));
  return pair;
}

bool IsNamedBy(std::string_view pattern, std::string_view name) {
  if (pattern.empty() || pattern.back() != '*') return name == pattern;
  pattern.remove_suffix(1);
  return name.substr(0, pattern.size()) == pattern;
}

}  // namespace

absl::StatusOr<Target> SplitTarget(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.substr(0, scheme.size()) != scheme) continue;
    const std::size_t end = text.find_first_of("/?", scheme.size());
    text = end == std::string_view::npos ? "/" : text.substr(end);
    break;
  }
  if (text.empty() || text.front() != '/') {
    return MakeError(Reason::kMalformedHttp,
                     "the request target must be a path");
  }
  text = text.substr(0, text.find('#'));
  const std::size_t mark = text.find('?');
  Target target;
  target.path = text.substr(0, mark);
  if (mark != std::string_view::npos) target.query = text.substr(mark + 1);
  return target;
}

std::optional<std::string> PercentDecode(std::string_view text,
                                         Slashes slashes) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = HexValue(text[i + 1]);
    const int low = HexValue(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    const char decoded = static_cast<char>(high * 16 + low);
    if (decoded == '/' && slashes == Slashes::kKeep) {
      result += text.substr(i, 3);
    } else {
      result += decoded;
    }
    i += 2;
  }
  return result;
}

std::string PercentEncode(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  constexpr std::string_view kMarks = "-._~";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || kMarks.find(c) != std::string_view::npos) {
      result += c;
    } else {
      result += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return result;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseQuery(
    std::string_view query) {
  std::vector<std::pair<std::string, std::string>> result;
  while (!query.empty()) {
    const std::string_view pair = TakePair(&query);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? "" : pair.substr(equals + 1);
    std::optional<std::string> name = DecodeForm(pair.substr(0, equals));
    std::optional<std::string> decoded = DecodeForm(value);
    if (!name || !decoded) {
      return MakeError(Reason::kMalformedHttp,
                       "the query has a malformed percent escape");
    }
    result.emplace_back(*std::move(name), *std::move(decoded));
  }
  return result;
}

std::string WithoutParameters(std::string_view query,
                              const std::vector<std::string>& names) {
  if (names.empty()) return std::string(query);
  std::string result;
  while (!query.empty()) {
    const std::string_view pair = TakePair(&query);
    const auto name = DecodeForm(pair.substr(0, pair.find('=')));
    const bool drop = name && std::any_of(names.begin(), names.end(),
                                          [&](const std::string& pattern) {
                                            return IsNamedBy(pattern, *name);
                                          });
    if (drop) continue;
    if (!result.empty()) result += '&';
    result += pair;
  }
  return result;
}

}  // namespace pinhole::gateway
