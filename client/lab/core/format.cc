// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/format.h"

#include <cmath>
#include <cstddef>

#include "fmt/format.h"

namespace pinhole::lab {
namespace {

std::string WithCommas(std::string digits) {
  const std::size_t first = digits.front() == '-' ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3; i -= 3) {
    digits.insert(i - 3, ",");
  }
  return digits;
}

}  // namespace

std::string FormatNumber(double number) {
  if (!std::isfinite(number)) return "–";
  const double size = std::abs(number);
  // Counts, and configured rates.
  if (number == std::round(number)) {
    return WithCommas(fmt::format("{:.0f}", number));
  }
  // 9.996 is written as 10.0: the rounding decides where the digits go.
  if (size < 0.9995) return fmt::format("{:.3f}", number);
  if (size < 9.995) return fmt::format("{:.2f}", number);
  if (size < 99.95) return fmt::format("{:.1f}", number);
  return WithCommas(fmt::format("{:.0f}", number));
}

std::string FormatIfAny(double number) {
  return number == 0 ? "" : FormatNumber(number);
}

std::string FormatMilliseconds(double ms) {
  if (ms < 1) return fmt::format("{:.0f} us", 1000 * ms);
  if (ms < 1000) return FormatNumber(ms) + " ms";
  return FormatNumber(ms / 1000) + " s";
}

std::string FormatPercentage(double share) {
  if (!std::isfinite(share)) return "–";
  double percent = 100 * share;
  if (percent > 0 && percent < 0.01) percent = 0.01;
  if (percent < 100 && percent > 99.99) percent = 99.99;
  return fmt::format("{:.2f}", percent);
}

std::string Sentence(const std::string& text) {
  if (text.empty()) return "";
  std::string sentence = text;
  if (sentence[0] >= 'a' && sentence[0] <= 'z') sentence[0] -= 'a' - 'A';
  if (std::string(".!?:").find(sentence.back()) == std::string::npos) {
    sentence += '.';
  }
  return sentence;
}

}  // namespace pinhole::lab
