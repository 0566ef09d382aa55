// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pinhole {

// The contents of a histogram.
struct HistogramCounts {
  // Upper bounds of all buckets but the last, ascending.
  std::vector<double> bounds;
  // Number of values in each bucket, not cumulative; one more than `bounds`.
  std::vector<std::int64_t> counts;
  double sum = 0;
};

// A histogram for code that must not depend on the Prometheus library.
// Thread-safe, without a lock.
class Histogram {
 public:
  // `bounds` must be ascending and have static lifetime.
  explicit Histogram(std::span<const double> bounds)
      : bounds_(bounds), counts_(bounds.size() + 1) {}

  void Observe(double value) {
    const auto bucket = static_cast<std::size_t>(
        std::lower_bound(bounds_.begin(), bounds_.end(), value) -
        bounds_.begin());
    counts_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }
  // Observes `time` in seconds.
  void Observe(std::chrono::nanoseconds time) {
    Observe(std::chrono::duration<double>(time).count());
  }

  // May include the count, but not yet the sum, of concurrent observations.
  HistogramCounts Read() const {
    HistogramCounts read{{bounds_.begin(), bounds_.end()}, {}, sum_};
    read.counts.assign(counts_.begin(), counts_.end());
    return read;
  }

 private:
  const std::span<const double> bounds_;
  std::vector<std::atomic<std::int64_t>> counts_;
  std::atomic<double> sum_ = 0;
};

// Buckets for database operations, in seconds.
inline constexpr double kDatabaseSeconds[] = {
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
    0.025,   0.05,   0.1,     0.25,   0.5,   1,      5};
// Buckets for hashing a password, in seconds.
inline constexpr double kHashSeconds[] = {0.005, 0.01, 0.025, 0.05, 0.1,
                                          0.25,  0.5,  1,     2.5};
// Buckets for decoding a photo, in seconds.
inline constexpr double kDecodeSeconds[] = {0.01, 0.025, 0.05, 0.1, 0.25,
                                            0.5,  1,     2.5,  5,   10};
// Buckets for file sizes: 1 KiB to 64 MiB.
inline constexpr double kFileBytes[] = {1 << 10, 1 << 12, 1 << 14,
                                        1 << 16, 1 << 18, 1 << 20,
                                        1 << 22, 1 << 24, 1 << 26};

}  // namespace pinhole
