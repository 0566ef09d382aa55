// SPDX-License-Identifier: Apache-2.0

#include "base/histogram.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole {
namespace {

using ::testing::ElementsAre;

constexpr double kBounds[] = {1, 10};

TEST(HistogramTest, ABoundBelongsToItsBucket) {
  Histogram histogram(kBounds);
  for (const double value : {0.5, 1.0, 1.5, 10.0, 10.5}) {
    histogram.Observe(value);
  }

  const HistogramCounts counts = histogram.Read();

  EXPECT_THAT(counts.bounds, ElementsAre(1, 10));
  EXPECT_THAT(counts.counts, ElementsAre(2, 2, 1));
  EXPECT_DOUBLE_EQ(counts.sum, 23.5);
}

TEST(HistogramTest, TimesAreSeconds) {
  Histogram histogram(kBounds);

  histogram.Observe(std::chrono::milliseconds(2500));

  EXPECT_THAT(histogram.Read().counts, ElementsAre(0, 1, 0));
  EXPECT_DOUBLE_EQ(histogram.Read().sum, 2.5);
}

}  // namespace
}  // namespace pinhole
