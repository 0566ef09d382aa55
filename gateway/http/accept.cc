// SPDX-License-Identifier: Apache-2.0

#include "gateway/http/accept.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

namespace pinhole::gateway {
namespace {

struct Range {
  std::string type;    // "text/event-stream", "text/*" or "*/*".
  int quality = 1000;  // In thousandths.
};

// "0", "0.5", "1.000".
std::optional<int> ParseQuality(absl::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) {
    return std::nullopt;
  }
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int value = (text[0] - '0') * 1000;
  int place = 100;
  for (std::size_t i = 2; i < text.size(); ++i, place /= 10) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) {
      return std::nullopt;
    }
    value += (text[i] - '0') * place;
  }
  if (value > 1000) return std::nullopt;
  return value;
}

std::optional<Range> ParseRange(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ';');
  Range range;
  range.type = absl::AsciiStrToLower(absl::StripAsciiWhitespace(parts[0]));
  const std::size_t slash = range.type.find('/');
  if (slash == std::string::npos || slash == 0 ||
      slash + 1 == range.type.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const absl::string_view part = absl::StripAsciiWhitespace(parts[i]);
    if (part.size() < 2 || (part[0] != 'q' && part[0] != 'Q') ||
        part[1] != '=') {
      continue;  // The types on offer have no parameters.
    }
    const auto quality = ParseQuality(part.substr(2));
    if (!quality) return std::nullopt;
    range.quality = *quality;
  }
  return range;
}

// 3: the type itself, 2: type/*, 1: */*, 0: no match.
int Exactness(const Range& range, std::string_view type) {
  if (range.type == type) return 3;
  const std::string_view group = type.substr(0, type.find('/') + 1);
  if (range.type == std::string(group) + "*") return 2;
  return range.type == "*/*" ? 1 : 0;
}

}  // namespace

std::optional<std::size_t> ChooseType(
    const HeaderList& headers, const std::vector<std::string_view>& types) {
  std::vector<Range> ranges;
  for (const auto& [name, value] : headers) {
    if (name != "accept") continue;
    for (const absl::string_view text : absl::StrSplit(value, ',')) {
      if (auto range = ParseRange(text)) ranges.push_back(*std::move(range));
    }
  }
  if (ranges.empty()) return 0;
  std::optional<std::size_t> best;
  std::pair<int, int> best_rank;
  for (std::size_t i = 0; i < types.size(); ++i) {
    // The most specific range decides, even if its quality is 0.
    std::pair<int, int> found{0, 0};
    for (const Range& range : ranges) {
      found = std::max(found, {Exactness(range, types[i]), range.quality});
    }
    const auto [exactness, quality] = found;
    if (exactness == 0 || quality == 0) continue;
    const std::pair<int, int> rank{quality, exactness};
    if (!best || rank > best_rank) {
      best = i;
      best_rank = rank;
    }
  }
  return best;
}

}  // namespace pinhole::gateway
