// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_HISTOGRAM_H_
#define PINHOLE_CLIENT_LAB_HISTOGRAM_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace pinhole::lab {

// How often each duration occurred, from 1 us to 60 s to three significant
// digits, in 136 KiB whatever the number of values.
//
// The buckets are those of HdrHistogram: microseconds up to 2,047 have one
// each; beyond, every doubling is divided into 1,024 of equal width, so a
// bucket is never wider than a thousandth of its values.
//
// Not thread-safe: each thread has its own, and they are merged afterwards.
class Histogram {
 public:
  static constexpr std::int64_t kMaxMicros = 60'000'000;

  Histogram();

  // Less than 0 counts as 0.  More than 60 s counts as 60 s, and in
  // `saturated`.
  void Record(absl::Duration value);
  void Merge(const Histogram& other);
  void Clear();

  std::int64_t count() const { return count_; }
  std::int64_t saturated() const { return saturated_; }

  // The smallest value that at least `q` (0 to 1) of all do not exceed, off by
  // less than a thousandth of itself.  0 if there are no values.
  absl::Duration Quantile(double q) const;
  absl::Duration Max() const { return absl::Microseconds(max_micros_); }
  absl::Duration Mean() const;

  // Between which the quantile of what these values are a sample of lies, with
  // 95 % confidence: order statistics by the normal approximation of the
  // binomial (Conover, Practical Nonparametric Statistics, 3.2).
  std::pair<absl::Duration, absl::Duration> QuantileInterval(double q) const;

  // The buckets that are not empty, by number, with their counts; and a
  // histogram of such.  What is not kept is the exact sum and maximum, which
  // come from the buckets then.  Numbers out of range are left out.
  using Buckets = std::vector<std::pair<std::uint32_t, std::int64_t>>;
  Buckets NonEmpty() const;
  static Histogram FromBuckets(const Buckets& buckets);

  // The middle of a bucket.
  static absl::Duration ValueOf(std::size_t bucket);

 private:
  void Add(std::size_t bucket, std::int64_t count);

  std::vector<std::int64_t> counts_;
  std::int64_t count_ = 0;
  std::int64_t saturated_ = 0;
  std::int64_t max_micros_ = 0;
  double sum_micros_ = 0;
};

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_HISTOGRAM_H_
