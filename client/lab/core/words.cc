// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/words.h"

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

std::string FigureWord(double figure) {
  if (!std::isfinite(figure)) return "-";
  const double size = std::abs(figure);
  // Counts, and rates that were asked for.
  if (figure == std::round(figure)) {
    return WithCommas(fmt::format("{:.0f}", figure));
  }
  // 9.996 is written as 10.0: the rounding decides where the digits go.
  if (size < 0.9995) return fmt::format("{:.3f}", figure);
  if (size < 9.995) return fmt::format("{:.2f}", figure);
  if (size < 99.95) return fmt::format("{:.1f}", figure);
  return WithCommas(fmt::format("{:.0f}", figure));
}

std::string DurationWord(double ms) {
  if (ms < 1) return fmt::format("{:.0f} us", 1000 * ms);
  if (ms < 1000) return FigureWord(ms) + " ms";
  return FigureWord(ms / 1000) + " s";
}

}  // namespace pinhole::lab
