// SPDX-License-Identifier: Apache-2.0

#include "client/lab/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace pinhole::lab {
namespace {

// Bits of a value that a bucket keeps: 2^11 > 2 * 10^3.
constexpr int kBits = 11;
constexpr std::uint64_t kHalf = 1 << (kBits - 1);
// Of the normal distribution, for 95 %.
constexpr double kZ = 1.96;

std::size_t BucketOf(std::int64_t micros) {
  const auto value = static_cast<std::uint64_t>(micros);
  const int shift = std::max(static_cast<int>(std::bit_width(value)) - kBits, 0);
  return kHalf * static_cast<std::uint64_t>(shift) + (value >> shift);
}

}  // namespace

Histogram::Histogram() : counts_(BucketOf(kMaxMicros) + 1) {}

void Histogram::Add(std::size_t bucket, std::int64_t count) {
  counts_[bucket] += count;
  count_ += count;
}

void Histogram::Record(absl::Duration value) {
  std::int64_t micros =
      absl::ToInt64Microseconds(std::max(value, absl::ZeroDuration()));
  if (micros > kMaxMicros) {
    micros = kMaxMicros;
    ++saturated_;
  }
  Add(BucketOf(micros), 1);
  sum_micros_ += static_cast<double>(micros);
  max_micros_ = std::max(max_micros_, micros);
}

void Histogram::Merge(const Histogram& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    counts_[i] += other.counts_[i];
  }
  count_ += other.count_;
  saturated_ += other.saturated_;
  sum_micros_ += other.sum_micros_;
  max_micros_ = std::max(max_micros_, other.max_micros_);
}

void Histogram::Clear() { *this = Histogram(); }

absl::Duration Histogram::ValueOf(std::size_t bucket) {
  const auto shift = static_cast<int>(std::max<std::size_t>(
                         bucket / kHalf, 1)) - 1;
  const std::size_t lowest = (bucket - kHalf * static_cast<std::size_t>(shift))
                             << shift;
  return absl::Nanoseconds(1000 * lowest + 500 * ((1ULL << shift) - 1));
}

absl::Duration Histogram::Quantile(double q) const {
  const double all = static_cast<double>(count_);
  const auto rank = std::clamp<std::int64_t>(
      static_cast<std::int64_t>(std::ceil(q * all)), 1, count_);
  if (rank == count_) return Max();
  std::int64_t so_far = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    so_far += counts_[i];
    if (so_far >= rank) return std::min(ValueOf(i), Max());
  }
  return Max();
}

absl::Duration Histogram::Mean() const {
  if (count_ == 0) return absl::ZeroDuration();
  return absl::Microseconds(sum_micros_ / static_cast<double>(count_));
}

std::pair<absl::Duration, absl::Duration> Histogram::QuantileInterval(
    double q) const {
  if (count_ == 0) return {};
  const double n = static_cast<double>(count_);
  const double spread = kZ * std::sqrt(q * (1 - q) / n);
  return {Quantile(std::max(q - spread, 0.0)),
          Quantile(std::min(q + spread, 1.0))};
}

Histogram::Buckets Histogram::NonEmpty() const {
  Buckets buckets;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] > 0) {
      buckets.emplace_back(static_cast<std::uint32_t>(i), counts_[i]);
    }
  }
  return buckets;
}

Histogram Histogram::FromBuckets(const Buckets& buckets) {
  Histogram histogram;
  for (const auto& [bucket, count] : buckets) {
    if (bucket >= histogram.counts_.size() || count <= 0) continue;
    histogram.Add(bucket, count);
    const absl::Duration value = ValueOf(bucket);
    histogram.sum_micros_ +=
        absl::ToDoubleMicroseconds(value) * static_cast<double>(count);
    histogram.max_micros_ =
        std::max(histogram.max_micros_, absl::ToInt64Microseconds(value));
  }
  return histogram;
}

}  // namespace pinhole::lab
