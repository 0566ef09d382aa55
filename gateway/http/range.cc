// SPDX-License-Identifier: Apache-2.0

#include "gateway/http/range.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace pinhole::gateway {
namespace {

// The maximum of a length or int64 field.
constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();

// Accepts digits only, without a sign.
std::optional<std::uint64_t> ParseNumber(absl::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      return std::nullopt;
    }
    const auto digit = static_cast<std::uint64_t>(c - '0');
    number = number > (kMost - digit) / 10 ? kMost : number * 10 + digit;
  }
  return number;
}

}  // namespace

std::optional<RequestedRange> ParseRange(std::string_view header) {
  absl::string_view text(header.data(), header.size());
  constexpr absl::string_view kUnit = "bytes=";
  if (!absl::StartsWithIgnoreCase(text, kUnit)) return std::nullopt;
  text = absl::StripAsciiWhitespace(text.substr(kUnit.size()));
  const auto dash = text.find('-');
  if (dash == absl::string_view::npos) return std::nullopt;
  RequestedRange range;
  const absl::string_view last = text.substr(dash + 1);
  range.first = ParseNumber(text.substr(0, dash));
  range.last = ParseNumber(last);
  if (dash > 0 && !range.first) return std::nullopt;
  if (!range.last && (!last.empty() || dash == 0)) return std::nullopt;
  if (range.first && range.last && *range.last < *range.first) {
    return std::nullopt;
  }
  return range;
}

std::optional<ByteSpan> Resolve(const RequestedRange& range,
                                std::uint64_t size) {
  ByteSpan span;
  if (range.first) {
    if (*range.first >= size) return std::nullopt;
    span.offset = *range.first;
    const std::uint64_t last = std::min(range.last.value_or(kMost), size - 1);
    span.length = last - span.offset + 1;
  } else {
    span.length = std::min(*range.last, size);
    if (span.length == 0) return std::nullopt;
    span.offset = size - span.length;
  }
  return span;
}

}  // namespace pinhole::gateway
