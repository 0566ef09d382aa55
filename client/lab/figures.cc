// SPDX-License-Identifier: Apache-2.0

#include "client/lab/figures.h"

#include "fmt/format.h"

namespace pinhole::lab {

double OperationFigures::FailureShare() const {
  if (count == 0) return 0;
  return static_cast<double>(failed) / static_cast<double>(count);
}

void OperationFigures::Merge(const OperationFigures& other) {
  count += other.count;
  failed += other.failed;
  response.Merge(other.response);
}

OperationFigures StepFigures::Total() const {
  OperationFigures total;
  for (const auto& [operation, figures] : operations) total.Merge(figures);
  return total;
}

std::string InWords(absl::Duration duration) {
  if (duration == absl::InfiniteDuration()) return "any time";
  const double millis = absl::ToDoubleMilliseconds(duration);
  // Not "1e+03 us".
  if (millis < 0.9995) return fmt::format("{:.3g} us", millis * 1000);
  if (millis < 999.5) return fmt::format("{:.3g} ms", millis);
  return fmt::format("{:.3g} s", millis / 1000);
}

std::string Percent(double share) {
  return fmt::format("{:.3g} %", share * 100);
}

}  // namespace pinhole::lab
