// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/histogram.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "client/lab/core/random.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

constexpr double kQuantiles[] = {0,    0.01, 0.1,   0.25,   0.5, 0.9,
                                 0.95, 0.99, 0.999, 0.9999, 1};

std::vector<absl::Duration> Sample(int n, std::uint64_t seed,
                                   const std::function<double(Random&)>& draw) {
  Random random(seed);
  std::vector<absl::Duration> values;
  for (int i = 0; i < n; ++i) {
    // Whole microseconds, as the histogram keeps them.
    values.push_back(absl::Microseconds(std::llround(draw(random))));
  }
  return values;
}

Histogram Of(const std::vector<absl::Duration>& values) {
  Histogram histogram;
  for (const absl::Duration value : values) histogram.Record(value);
  return histogram;
}

struct Shape {
  std::string name;
  std::function<double(Random&)> draw;  // In microseconds.
};

std::vector<Shape> Shapes() {
  return {
      {"uniform", [](Random& r) { return r.Between(1, 50'000); }},
      {"exponential", [](Random& r) { return 8'000 * r.Exponential(); }},
      {"heavy tail",  // Beyond what the histogram keeps.
       [](Random& r) { return 500 / std::pow(1 - r.Unit(), 1.5); }},
      {"two modes",
       [](Random& r) {
         return r.Chance(0.95) ? r.Between(900, 1'100) : r.Between(2e6, 3e6);
       }},
      {"microseconds", [](Random& r) { return r.Between(0, 12); }},
      {"constant", [](Random&) { return 4'711; }},
  };
}

TEST(HistogramTest, QuantilesAreThoseOfSortingWithinAThousandth) {
  for (const Shape& shape : Shapes()) {
    std::vector<absl::Duration> values = Sample(20'011, 3, shape.draw);
    for (auto& value : values) value = std::min(value, absl::Seconds(60));
    const Histogram histogram = Of(values);
    std::sort(values.begin(), values.end());
    for (const double q : kQuantiles) {
      const auto rank = static_cast<std::size_t>(
          std::ceil(q * static_cast<double>(values.size())));
      const absl::Duration exact = values[std::max<std::size_t>(rank, 1) - 1];
      EXPECT_GE(histogram.Quantile(q), exact) << shape.name << " " << q;
      EXPECT_LE(histogram.Quantile(q), exact * 1.001) << shape.name << " " << q;
    }
  }
}

TEST(HistogramTest, MergingIsRecordingAll) {
  for (const Shape& shape : Shapes()) {
    const auto some = Sample(3'000, 1, shape.draw);
    const auto more = Sample(5'000, 2, shape.draw);
    auto all = some;
    all.insert(all.end(), more.begin(), more.end());
    Histogram merged = Of(some);
    merged.Merge(Of(more));

    EXPECT_EQ(merged.ToSparse(), Of(all).ToSparse()) << shape.name;
    EXPECT_EQ(merged.count(), 8'000);
  }
}

TEST(HistogramTest, MergingWithAnEmptyOneChangesNothing) {
  const Histogram some = Of({absl::Milliseconds(3), absl::Seconds(2)});
  Histogram left;
  left.Merge(some);
  Histogram right = some;
  right.Merge(Histogram());

  EXPECT_EQ(left.ToSparse(), some.ToSparse());
  EXPECT_EQ(right.ToSparse(), some.ToSparse());
}

TEST(HistogramTest, MinimumMaximumAndMeanAreExact) {
  const Histogram histogram =
      Of({absl::Microseconds(123'457), absl::Microseconds(999'999),
          absl::Microseconds(7)});

  EXPECT_EQ(histogram.Min(), absl::Microseconds(7));
  EXPECT_EQ(histogram.Max(), absl::Microseconds(999'999));
  EXPECT_EQ(histogram.Mean(), absl::Microseconds(1'123'463) / 3.0);
  EXPECT_EQ(histogram.Quantile(1), histogram.Max());
}

TEST(HistogramTest, EmptyIsAllZero) {
  Histogram histogram = Of({absl::Seconds(1), absl::Seconds(90)});
  histogram.Clear();

  EXPECT_EQ(histogram.ToSparse(), Histogram().ToSparse());
  EXPECT_EQ(histogram.Quantile(0.99), absl::ZeroDuration());
  EXPECT_EQ(histogram.Mean(), absl::ZeroDuration());
}

TEST(HistogramTest, RoundsToMicroseconds) {
  EXPECT_EQ(Of({absl::Nanoseconds(1'499)}).Max(), absl::Microseconds(1));
  EXPECT_EQ(Of({absl::Nanoseconds(1'500)}).Max(), absl::Microseconds(2));
  EXPECT_EQ(Of({absl::Nanoseconds(-9)}).Max(), absl::ZeroDuration());
}

TEST(HistogramTest, WhatIsTooLongIsClampedAndCounted) {
  const Histogram histogram =
      Of({absl::Seconds(60), absl::Seconds(60) + absl::Microseconds(1),
          absl::InfiniteDuration()});

  EXPECT_EQ(histogram.count(), 3);
  EXPECT_EQ(histogram.saturated(), 2);
  EXPECT_EQ(histogram.Min(), absl::Seconds(60));
  EXPECT_EQ(histogram.Quantile(0.5), absl::Seconds(60));
}

TEST(HistogramTest, BucketsAreNumberedWithoutGaps) {
  for (int bucket = 1; bucket < 17'000; ++bucket) {
    const absl::Duration longest = Histogram::ValueOf(bucket);
    EXPECT_GT(longest, Histogram::ValueOf(bucket - 1));
    const auto sparse =
        Of({longest, Histogram::ValueOf(bucket - 1) + absl::Microseconds(1)})
            .ToSparse();
    ASSERT_EQ(sparse.buckets.size(), 1) << bucket;
    EXPECT_EQ(sparse.buckets[0].first, bucket);
  }
}

// How often of 1,000 samples the interval holds the quantile of the uniform
// distribution they are from.
double Coverage(int n, double q) {
  int held = 0;
  for (int i = 0; i < 1'000; ++i) {
    const Histogram histogram =
        Of(Sample(n, 1'000 + i, [](Random& r) { return r.Between(0, 2'000); }));
    const Interval interval = histogram.QuantileInterval(q);
    const absl::Duration truth = absl::Microseconds(2'000) * q;
    if (interval.low <= truth && truth <= interval.high) ++held;
  }
  return held / 1'000.0;
}

TEST(HistogramTest, IntervalHoldsTheQuantileAsOftenAsItSays) {
  for (const double q : {0.5, 0.9, 0.99}) {
    for (const int n : {20, 200}) {
      // 0.95, less what chance does to 1,000 tries.
      EXPECT_GE(Coverage(n, q), 0.93) << q << " of " << n;
    }
  }
  // Not by being all there is.
  EXPECT_LE(Coverage(200, 0.5), 0.975);
}

TEST(HistogramTest, IntervalIsTheNarrowestOfItsConfidence) {
  // Of 100 values 40 to 59 are below the median with a probability of 0.954; 41
  // to 59 with one of 0.943.
  Histogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.Record(absl::Microseconds(i));
  const Interval interval = histogram.QuantileInterval(0.5);

  EXPECT_EQ(interval.low, absl::Microseconds(40));
  EXPECT_EQ(interval.high, absl::Microseconds(60));
}

TEST(HistogramTest, AFewValuesDoNotBoundAHighQuantile) {
  Histogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.Record(absl::Milliseconds(i));
  EXPECT_EQ(histogram.QuantileInterval(0.99).high, absl::InfiniteDuration());

  for (int i = 1; i <= 1'000; ++i) histogram.Record(absl::Milliseconds(i));
  EXPECT_LT(histogram.QuantileInterval(0.99).high, absl::Milliseconds(1'001));
  EXPECT_GT(histogram.QuantileInterval(0.99).low, absl::Milliseconds(950));
}

}  // namespace
}  // namespace pinhole::lab
