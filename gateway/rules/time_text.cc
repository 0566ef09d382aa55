// SPDX-License-Identifier: Apache-2.0

#include "gateway/rules/time_text.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"

namespace pinhole::gateway {
namespace {

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

// Takes text that matches the pattern, in which 0 stands for any digit.
bool Take(std::string_view pattern, std::string_view* text) {
  const bool fits =
      text->size() >= pattern.size() &&
      std::equal(pattern.begin(), pattern.end(), text->begin(),
                 [](char p, char c) { return p == '0' ? IsDigit(c) : p == c; });
  if (fits) text->remove_prefix(pattern.size());
  return fits;
}

std::size_t TakeDigits(std::string_view* text) {
  const auto* const end = std::find_if_not(text->begin(), text->end(), IsDigit);
  const auto count = static_cast<std::size_t>(end - text->begin());
  text->remove_prefix(count);
  return count;
}

// Takes an optional fraction.
bool TakeFraction(std::string_view* text) {
  if (!Take(".", text)) return true;
  const std::size_t digits = TakeDigits(text);
  return digits >= 1 && digits <= 9;
}

}  // namespace

bool IsTimestampText(std::string_view text) {
  if (!Take("0000-00-00T00:00:00", &text) || !TakeFraction(&text)) return false;
  return text == "Z" ||
         ((Take("+00:00", &text) || Take("-00:00", &text)) && text.empty());
}

bool IsDurationText(std::string_view text) {
  Take("-", &text);
  return TakeDigits(&text) > 0 && TakeFraction(&text) && text == "s";
}

}  // namespace pinhole::gateway
