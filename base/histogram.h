// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_HISTOGRAM_H_
#define PINHOLE_BASE_HISTOGRAM_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pinhole {

// What a histogram has counted.
struct HistogramCounts {
  std::vector<double> bounds;        // Ascending; the last bucket has none.
  std::vector<std::int64_t> counts;  // Of each bucket alone; one more.
  double sum = 0;
};

// Counts values by size, for the metrics of what may not know Prometheus.
// Thread-safe, without a lock.
class Histogram {
 public:
  // `bounds`, ascending, live as long as the process.
  explicit Histogram(std::span<const double> bounds)
      : bounds_(bounds), counts_(bounds.size() + 1) {}

  void Observe(double value) {
    const auto bucket = static_cast<std::size_t>(
        std::lower_bound(bounds_.begin(), bounds_.end(), value) -
        bounds_.begin());
    counts_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }
  // In seconds.
  void Observe(std::chrono::nanoseconds time) {
    Observe(std::chrono::duration<double>(time).count());
  }

  // Of values that are being observed it may have the count and not the sum.
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

// Buckets for what a database does, in seconds.
inline constexpr double kDatabaseSeconds[] = {
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
    0.025,   0.05,   0.1,     0.25,   0.5,   1,      5};
// For hashing a password, in seconds.
inline constexpr double kHashSeconds[] = {0.005, 0.01, 0.025, 0.05, 0.1,
                                          0.25,  0.5,  1,     2.5};
// For decoding a picture, in seconds.
inline constexpr double kDecodeSeconds[] = {0.01, 0.025, 0.05, 0.1, 0.25,
                                            0.5,  1,     2.5,  5,   10};
// For files: 1 KiB to 64 MiB.
inline constexpr double kFileBytes[] = {1 << 10, 1 << 12, 1 << 14,
                                        1 << 16, 1 << 18, 1 << 20,
                                        1 << 22, 1 << 24, 1 << 26};

}  // namespace pinhole

#endif  // PINHOLE_BASE_HISTOGRAM_H_
