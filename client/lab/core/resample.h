// SPDX-License-Identifier: Apache-2.0

// Whether two measurements differ by more than chance.
//
// Each is measured again, so to speak, a thousand times by drawing from what it
// measured (Efron's bootstrap, percentile interval), and the ratios are ranked.
// Calls that wait in one queue are not independent, so intervals are narrower
// than the truth; that is why a change must also be larger than 5 %.

#ifndef PINHOLE_CLIENT_LAB_CORE_RESAMPLE_H_
#define PINHOLE_CLIENT_LAB_CORE_RESAMPLE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/lab/core/histogram.h"

namespace pinhole::lab {

struct ResampleOptions {
  std::uint64_t seed = 1;
  int resamples = 1000;
  double confidence = 0.95;
  double smallest_change = 0.05;
};

// New over old.
struct Ratio {
  double ratio = 1;
  double low = 1;  // The interval.
  double high = 1;
  // 1 is outside of the interval, and the ratio is more than the smallest
  // change away from it (above 1.05 or below 1 / 1.05).
  bool changed = false;
};

// Of a quantile, say 0.5 or 0.99.
// Errors: FAILED_PRECONDITION (one of them is empty).
absl::StatusOr<Ratio> CompareQuantile(const Histogram& before,
                                      const Histogram& after, double q,
                                      const ResampleOptions& options = {});

struct Throughput {
  std::int64_t count = 0;  // Successes within the measured time.
  absl::Duration measured = {};
};

// Counts are resampled as those of a Poisson process.
// Errors: FAILED_PRECONDITION (no time, or nothing succeeded before).
absl::StatusOr<Ratio> CompareThroughput(const Throughput& before,
                                        const Throughput& after,
                                        const ResampleOptions& options = {});

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_CORE_RESAMPLE_H_
