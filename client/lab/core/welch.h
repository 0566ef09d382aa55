// SPDX-License-Identifier: Apache-2.0

// Whether two means differ by more than chance.

#pragma once

#include <optional>
#include <vector>

namespace pinhole::lab {

struct MeanDifference {
  double before = 0;  // The means.
  double after = 0;
  // The interval that holds the true difference, after minus before, with 95 %
  // confidence.
  double low = 0;
  double high = 0;
};

// Welch's t-interval for two samples whose variances may differ (B. L. Welch,
// "The generalization of 'Student's' problem when several different population
// variances are involved", Biometrika 34, 1947).  Assumes that the values are
// independent and about normal, which means of blocks of time nearly are.
// Returns nothing if a sample has fewer than two values.
std::optional<MeanDifference> CompareMeans(const std::vector<double>& before,
                                           const std::vector<double>& after);

}  // namespace pinhole::lab
