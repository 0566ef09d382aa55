// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/resample.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "client/lab/core/random.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

// `n` response times around `millis`, with a long tail.
Histogram Sample(int n, double millis, std::uint64_t seed) {
  Random random(seed);
  Histogram histogram;
  for (int i = 0; i < n; ++i) {
    histogram.Record(absl::Milliseconds(
        millis * (0.5 + 0.5 * std::pow(random.Exponential(), 1.5))));
  }
  return histogram;
}

std::vector<absl::Duration> Values(const Histogram& histogram) {
  std::vector<absl::Duration> values;
  for (const auto& [bucket, count] : histogram.ToSparse().buckets) {
    values.insert(values.end(), count, Histogram::ValueOf(bucket));
  }
  return values;
}

// Of 200 pairs of samples, how many changed by a quantile.
int Changed(double q, double slower, int n) {
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto ratio = CompareQuantile(Sample(n, 10, 2 * seed),
                                       Sample(n, 10 * slower, 2 * seed + 1), q,
                                       {.seed = seed, .resamples = 400});
    if (ratio.ok() && ratio->changed) ++changed;
  }
  return changed;
}

TEST(ResampleTest, WhatIsTheSameHasHardlyEverChanged) {
  // 5 % would be outside of the interval by chance alone.
  EXPECT_LE(Changed(0.5, 1, 1'000), 10);
  EXPECT_LE(Changed(0.99, 1, 1'000), 14);
}

TEST(ResampleTest, AFifthSlowerHasChanged) {
  EXPECT_GE(Changed(0.5, 1.2, 3'000), 195);
  EXPECT_GE(Changed(0.99, 1.2, 20'000), 195);
}

TEST(ResampleTest, ThreePercentAreNoChangeHoweverCertain) {
  const auto ratio =
      CompareQuantile(Sample(400'000, 10, 1), Sample(400'000, 10.3, 2), 0.5);

  ASSERT_TRUE(ratio.ok());
  EXPECT_GT(ratio->low, 1);
  EXPECT_FALSE(ratio->changed);
}

TEST(ResampleTest, FasterIsAChangeToo) {
  const auto ratio =
      CompareQuantile(Sample(5'000, 10, 1), Sample(5'000, 7, 2), 0.5);

  ASSERT_TRUE(ratio.ok());
  EXPECT_TRUE(ratio->changed);
  EXPECT_NEAR(ratio->ratio, 0.7, 0.05);
  EXPECT_LT(ratio->low, ratio->ratio);
  EXPECT_GT(ratio->high, ratio->ratio);
}

TEST(ResampleTest, IntervalIsThatOfDrawingEveryValueAgain) {
  const Histogram before = Sample(500, 10, 1);
  const Histogram after = Sample(500, 10, 2);
  const auto ratio = CompareQuantile(before, after, 0.5, {.resamples = 4'000});
  ASSERT_TRUE(ratio.ok());

  // The plain bootstrap: n values with replacement, their median, 2,000 times.
  Random random(9);
  const auto redrawn = [&random](const std::vector<absl::Duration>& values) {
    std::vector<absl::Duration> again;
    for (std::size_t i = 0; i < values.size(); ++i) {
      again.push_back(random.Pick(values));
    }
    const auto median =
        std::next(again.begin(), (std::ssize(again) + 1) / 2 - 1);
    std::nth_element(again.begin(), median, again.end());
    return *median;
  };
  const std::vector<absl::Duration> olds = Values(before);
  const std::vector<absl::Duration> news = Values(after);
  int below = 0;
  int above = 0;
  for (int i = 0; i < 2'000; ++i) {
    const absl::Duration old = redrawn(olds);
    const double drawn = absl::FDivDuration(redrawn(news), old);
    if (drawn < ratio->low) ++below;
    if (drawn > ratio->high) ++above;
  }
  EXPECT_NEAR(below / 2'000.0, 0.025, 0.015);
  EXPECT_NEAR(above / 2'000.0, 0.025, 0.015);
}

TEST(ResampleTest, SameSeedSameInterval) {
  const Histogram before = Sample(300, 10, 1);
  const Histogram after = Sample(300, 11, 2);
  const auto one = CompareQuantile(before, after, 0.99, {.seed = 5});
  const auto two = CompareQuantile(before, after, 0.99, {.seed = 5});
  const auto other = CompareQuantile(before, after, 0.5, {.seed = 5});

  ASSERT_TRUE(one.ok() && two.ok() && other.ok());
  EXPECT_EQ(one->low, two->low);
  EXPECT_EQ(one->high, two->high);
  EXPECT_NE(one->high, other->high);
}

TEST(ResampleTest, NothingCannotBeCompared) {
  const Histogram some = Sample(10, 10, 1);

  EXPECT_FALSE(CompareQuantile(Histogram(), some, 0.5).ok());
  EXPECT_FALSE(CompareQuantile(some, Histogram(), 0.5).ok());
  EXPECT_FALSE(
      CompareThroughput({0, absl::Seconds(1)}, {1, absl::Seconds(1)}).ok());
  EXPECT_FALSE(
      CompareThroughput({1, absl::ZeroDuration()}, {1, absl::Seconds(1)}).ok());
}

TEST(ResampleTest, ThroughputIsComparedByRateAndNotByCount) {
  const auto same =
      CompareThroughput({1'000, absl::Seconds(10)}, {3'000, absl::Seconds(30)});
  ASSERT_TRUE(same.ok());
  EXPECT_DOUBLE_EQ(same->ratio, 1);
  EXPECT_FALSE(same->changed);
  // The spread of a ratio of counts is sqrt(1/1000 + 1/3000).
  EXPECT_NEAR(same->low, 1 - 1.96 * 0.0365, 0.012);
  EXPECT_NEAR(same->high, 1 + 1.96 * 0.0365, 0.012);
}

TEST(ResampleTest, ThroughputHasChangedWhenItIsNotChance) {
  const absl::Duration time = absl::Seconds(10);
  const auto lower = CompareThroughput({5'000, time}, {4'000, time});
  ASSERT_TRUE(lower.ok());
  EXPECT_TRUE(lower->changed);

  // The same ratio of few.
  const auto few = CompareThroughput({50, time}, {40, time});
  ASSERT_TRUE(few.ok());
  EXPECT_FALSE(few->changed);

  const auto none = CompareThroughput({5'000, time}, {0, time});
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->changed);
}

}  // namespace
}  // namespace pinhole::lab
