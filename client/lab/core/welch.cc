// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/welch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace pinhole::lab {
namespace {

struct Sample {
  double mean = 0;
  double squared_error = 0;  // Of the mean: the variance over the count.
  double degrees = 0;
};

Sample Describe(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  Sample sample{.degrees = count - 1};
  sample.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  for (const double value : values) {
    sample.squared_error += (value - sample.mean) * (value - sample.mean);
  }
  sample.squared_error /= count * sample.degrees;
  return sample;
}

// The 97.5th percentile of Student's t distribution.  Degrees of freedom are
// rounded down, which makes the interval a little wider.
double StudentT(double degrees) {
  static constexpr std::array<double, 30> kPercentiles = {
      12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
      2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
      2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
  const double row = std::clamp(degrees, 1.0, 30.0);
  return kPercentiles[static_cast<std::size_t>(row) - 1];
}

}  // namespace

std::optional<MeanDifference> CompareMeans(const std::vector<double>& before,
                                           const std::vector<double>& after) {
  if (before.size() < 2 || after.size() < 2) return std::nullopt;
  const Sample a = Describe(before);
  const Sample b = Describe(after);
  const double difference = b.mean - a.mean;
  const double squared_error = a.squared_error + b.squared_error;
  double margin = 0;
  if (squared_error > 0) {
    // The Welch-Satterthwaite equation.
    const double degrees = squared_error * squared_error /
                           (a.squared_error * a.squared_error / a.degrees +
                            b.squared_error * b.squared_error / b.degrees);
    margin = StudentT(degrees) * std::sqrt(squared_error);
  }
  return MeanDifference{.before = a.mean,
                        .after = b.mean,
                        .low = difference - margin,
                        .high = difference + margin};
}

}  // namespace pinhole::lab
