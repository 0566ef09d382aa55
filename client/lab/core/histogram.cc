// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "absl/status/status.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

// Bits of a value that tell its bucket: 2^11 > 2 * 10^3, HdrHistogram's rule
// for three digits.
constexpr int kBits = 11;
constexpr std::int64_t kHalf = 1 << (kBits - 1);

std::size_t BucketOf(std::int64_t micros) {
  const auto width =
      static_cast<int>(std::bit_width(static_cast<std::uint64_t>(micros)));
  const int shift = std::max(width - kBits, 0);
  return static_cast<std::size_t>(kHalf * shift + (micros >> shift));
}

struct Range {
  std::int64_t lowest;
  std::int64_t highest;
};

Range RangeOf(std::size_t bucket) {
  const auto number = static_cast<std::int64_t>(bucket);
  const std::int64_t shift = std::max<std::int64_t>(number / kHalf, 1) - 1;
  const std::int64_t lowest = (number - kHalf * shift) << shift;
  return {lowest, lowest + (std::int64_t{1} << shift) - 1};
}

// The probability that of `n` independent values exactly `k` do not exceed
// their quantile `q`.
double Binomial(std::int64_t n, std::int64_t k, double q) {
  const auto all = static_cast<double>(n);
  const auto some = static_cast<double>(k);
  return std::exp(std::lgamma(all + 1) - std::lgamma(some + 1) -
                  std::lgamma(all - some + 1) + some * std::log(q) +
                  (all - some) * std::log1p(-q));
}

// The fewest neighbouring counts that together have at least `confidence`.
std::pair<std::int64_t, std::int64_t> LikelyCounts(std::int64_t n, double q,
                                                   double confidence) {
  const auto all = static_cast<double>(n);
  const double odds = q / (1 - q);
  std::int64_t low = std::min(static_cast<std::int64_t>((all + 1) * q), n);
  std::int64_t high = low;
  double sum = Binomial(n, low, q);
  // Of the next count on either side, by the ratio of neighbours.
  const auto below = [odds, n](std::int64_t k, double p) {
    return p * static_cast<double>(k) / static_cast<double>(n - k + 1) / odds;
  };
  const auto above = [odds, n](std::int64_t k, double p) {
    return p * static_cast<double>(n - k) / static_cast<double>(k + 1) * odds;
  };
  double at_low = below(low, sum);
  double at_high = above(high, sum);
  while (sum < confidence && (at_low > 0 || at_high > 0)) {
    if (at_low >= at_high) {
      sum += at_low;
      at_low = below(--low, at_low);
    } else {
      sum += at_high;
      at_high = above(++high, at_high);
    }
  }
  return {low, high};
}

}  // namespace

Histogram::Histogram() : counts_(BucketOf(kMaxMicros) + 1) {}

void Histogram::Record(absl::Duration value) {
  std::int64_t micros = absl::ToInt64Microseconds(
      std::max(value, absl::ZeroDuration()) + absl::Nanoseconds(500));
  if (micros > kMaxMicros) {
    micros = kMaxMicros;
    ++saturated_;
  }
  ++counts_[BucketOf(micros)];
  min_us_ = count_ == 0 ? micros : std::min(min_us_, micros);
  max_us_ = std::max(max_us_, micros);
  sum_us_ += micros;
  ++count_;
}

void Histogram::Merge(const Histogram& other) {
  if (other.count_ == 0) return;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    counts_[i] += other.counts_[i];
  }
  min_us_ = count_ == 0 ? other.min_us_ : std::min(min_us_, other.min_us_);
  max_us_ = std::max(max_us_, other.max_us_);
  sum_us_ += other.sum_us_;
  saturated_ += other.saturated_;
  count_ += other.count_;
}

void Histogram::Clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  count_ = saturated_ = min_us_ = max_us_ = sum_us_ = 0;
}

absl::Duration Histogram::AtRank(std::int64_t rank) const {
  if (rank >= count_) return Max();
  std::int64_t so_far = 0;
  for (std::size_t i = BucketOf(min_us_); i < counts_.size(); ++i) {
    so_far += counts_[i];
    if (so_far >= rank) return std::min(ValueOf(static_cast<int>(i)), Max());
  }
  return Max();
}

absl::Duration Histogram::Quantile(double q) const {
  // A hair less, so that 0.07 * 100 is rank 7 and not 8.
  const double rank = std::ceil(q * static_cast<double>(count_) - 1e-6);
  return AtRank(std::max<std::int64_t>(static_cast<std::int64_t>(rank), 1));
}

absl::Duration Histogram::Min() const { return absl::Microseconds(min_us_); }

absl::Duration Histogram::Max() const { return absl::Microseconds(max_us_); }

absl::Duration Histogram::Mean() const {
  if (count_ == 0) return absl::ZeroDuration();
  return absl::Microseconds(sum_us_) / static_cast<double>(count_);
}

Interval Histogram::QuantileInterval(double q, double confidence) const {
  if (count_ == 0) return {absl::ZeroDuration(), absl::InfiniteDuration()};
  if (q <= 0) return {absl::ZeroDuration(), Min()};
  if (q >= 1) return {Max(), absl::InfiniteDuration()};
  // If `low` to `high` values do not exceed the quantile, it is at least the
  // value of rank `low` and less than that of rank `high` + 1.
  const auto [low, high] = LikelyCounts(count_, q, confidence);
  return {low == 0 ? absl::ZeroDuration() : AtRank(low),
          high == count_ ? absl::InfiniteDuration() : AtRank(high + 1)};
}

SparseHistogram Histogram::ToSparse() const {
  SparseHistogram sparse{.saturated = saturated_,
                         .min_us = min_us_,
                         .max_us = max_us_,
                         .sum_us = sum_us_};
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    sparse.buckets.emplace_back(static_cast<int>(i), counts_[i]);
  }
  return sparse;
}

absl::Duration Histogram::ValueOf(int bucket) {
  return absl::Microseconds(RangeOf(static_cast<std::size_t>(bucket)).highest);
}

}  // namespace pinhole::lab
