// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/resample.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "client/lab/core/random.h"

namespace pinhole::lab {
namespace {

double Normal(Random& random) {
  // Box and Muller.
  return std::sqrt(2 * random.Exponential()) *
         std::cos(2 * std::numbers::pi * random.Unit());
}

// Marsaglia and Tsang, "A simple method for generating gamma variables", 2000.
// `shape` is at least 1/3.
double Gamma(Random& random, double shape) {
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = Normal(random);
    const double v = std::pow(1 + c * x, 3);
    if (v <= 0) continue;
    if (random.Exponential() > d * v - d - d * std::log(v) - x * x / 2) {
      return d * v;
    }
  }
}

// Measures quantiles again.  The value of rank r among n drawn from a sample is
// the sample's value at the r-th smallest of n uniform numbers, which is
// distributed as Beta(r, n + 1 - r): one draw does for n.
class Resampled {
 public:
  Resampled(const Histogram& histogram, double q)
      : count_(static_cast<double>(histogram.count())),
        rank_(std::clamp(std::ceil(q * count_ - 1e-6), 1.0, count_)) {
    std::int64_t so_far = 0;
    for (const auto& [bucket, count] : histogram.ToSparse().buckets) {
      so_far += count;
      up_to_.push_back(so_far);
      values_.push_back(Value(Histogram::ValueOf(bucket)));
    }
  }

  // 0 us is as good as 1 us, and can be divided by.
  static double Value(absl::Duration duration) {
    return std::max(absl::ToDoubleMicroseconds(duration), 1.0);
  }

  double Draw(Random& random) const {
    const double below = Gamma(random, rank_);
    const double above = Gamma(random, count_ + 1 - rank_);
    const auto at = static_cast<std::int64_t>(count_ * below / (below + above));
    const auto found = std::upper_bound(up_to_.begin(), up_to_.end(), at);
    return found == up_to_.end() ? values_.back()
                                 : values_[found - up_to_.begin()];
  }

 private:
  double count_;
  double rank_;
  std::vector<std::int64_t> up_to_;  // Of each value and those below.
  std::vector<double> values_;
};

Ratio Rank(double ratio, const ResampleOptions& options,
           const std::function<double(Random&)>& draw) {
  Random random(options.seed, "resample", 0);
  std::vector<double> ratios(std::max(options.resamples, 1));
  for (double& drawn : ratios) drawn = draw(random);
  std::sort(ratios.begin(), ratios.end());
  const auto at = [&ratios](double share) {
    return ratios[static_cast<std::size_t>(
        std::lround(share * static_cast<double>(ratios.size() - 1)))];
  };
  const double tail = (1 - options.confidence) / 2;
  Ratio result{.ratio = ratio, .low = at(tail), .high = at(1 - tail)};
  const double large = 1 + options.smallest_change;
  result.changed = (result.low > 1 && ratio > large) ||
                   (result.high < 1 && ratio < 1 / large);
  return result;
}

}  // namespace

absl::StatusOr<Ratio> CompareQuantile(const Histogram& before,
                                      const Histogram& after, double q,
                                      const ResampleOptions& options) {
  if (before.count() == 0 || after.count() == 0) {
    return absl::FailedPreconditionError("nothing was measured to compare");
  }
  const Resampled old(before, q);
  const Resampled now(after, q);
  return Rank(Resampled::Value(after.Quantile(q)) /
                  Resampled::Value(before.Quantile(q)),
              options, [&](Random& random) {
                const double drawn = now.Draw(random);
                return drawn / old.Draw(random);
              });
}

absl::StatusOr<Ratio> CompareThroughput(const Throughput& before,
                                        const Throughput& after,
                                        const ResampleOptions& options) {
  if (before.measured <= absl::ZeroDuration() ||
      after.measured <= absl::ZeroDuration() || before.count <= 0 ||
      after.count < 0) {
    return absl::FailedPreconditionError("nothing was measured to compare");
  }
  const double time = absl::FDivDuration(before.measured, after.measured);
  const auto old = static_cast<double>(before.count);
  const auto now = static_cast<double>(after.count);
  // What the rate may have been that gave this count, by Jeffreys' rule:
  // Gamma(count + 1/2).
  return Rank(now / old * time, options, [&](Random& random) {
    const double drawn = Gamma(random, now + 0.5);
    return drawn / Gamma(random, old + 0.5) * time;
  });
}

}  // namespace pinhole::lab
