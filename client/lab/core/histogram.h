// SPDX-License-Identifier: Apache-2.0

// A histogram of durations with a fixed size.
//
// The log-linear layout of HdrHistogram (Gil Tene), 1 us to 60 s with three
// significant digits: up to 2,047 us each microsecond has a bucket, above that
// each doubling has 1,024.  A bucket is thus at most 1/1024 of its values wide.

#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace pinhole::lab {

// A histogram in the form in which it is stored.  All values are microseconds.
struct SparseHistogram {
  // Number of the bucket and how many values it has (at least one), by number.
  std::vector<std::pair<int, std::int64_t>> buckets = {};
  std::int64_t saturated = 0;
  std::int64_t min_us = 0;  // 0 if there are no values.
  std::int64_t max_us = 0;
  std::int64_t sum_us = 0;

  friend bool operator==(const SparseHistogram&,
                         const SparseHistogram&) = default;
};

struct Interval {
  absl::Duration low;
  absl::Duration high;
};

// Takes 134 KiB.  Recording neither allocates nor locks.  Not thread-safe: use
// one for each thread and merge them.  An object that was moved from allows
// only assignment and destruction.
class Histogram {
 public:
  static constexpr std::int64_t kMaxMicros = 60'000'000;

  Histogram();

  // Rounds to microseconds.  Less than 0 counts as 0; more than 60 s counts as
  // 60 s, and in `saturated`.
  void Record(absl::Duration value);
  void Merge(const Histogram& other);
  void Clear();

  std::int64_t count() const { return count_; }
  std::int64_t saturated() const { return saturated_; }

  // The smallest value that at least a share `q` (0 to 1) of the values does
  // not exceed.  It is never too low, and too high by less than a thousandth.
  // This and the next three functions return 0 if there are no values.
  absl::Duration Quantile(double q) const;
  absl::Duration Min() const;
  absl::Duration Max() const;
  absl::Duration Mean() const;

  // An interval that contains the quantile `q` of the population with at least
  // `confidence`, if the values are an independent sample: the order statistics
  // whose ranks bound a binomial count (David and Nagaraja, Order Statistics,
  // 3rd ed., 7.1), computed exactly.  A bound for which the sample is too small
  // is 0 or infinite.
  Interval QuantileInterval(double q, double confidence = 0.95) const;

  SparseHistogram ToSparse() const;
  // The longest value that bucket number `bucket` holds.
  static absl::Duration ValueOf(int bucket);

 private:
  absl::Duration AtRank(std::int64_t rank) const;

  std::vector<std::int64_t> counts_;  // By bucket; its size is constant.
  std::int64_t count_ = 0;
  std::int64_t saturated_ = 0;
  std::int64_t min_us_ = 0;
  std::int64_t max_us_ = 0;
  std::int64_t sum_us_ = 0;
};

}  // namespace pinhole::lab
