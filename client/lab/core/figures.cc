// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/figures.h"

#include "client/lab/core/format.h"
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
  return FormatMilliseconds(absl::ToDoubleMilliseconds(duration));
}

std::string Percent(double share) {
  return fmt::format("{:.3g} %", share * 100);
}

}  // namespace pinhole::lab
