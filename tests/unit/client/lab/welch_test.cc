// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/welch.h"

#include "client/lab/core/random.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

// About normal: the mean of twelve uniform numbers.
std::vector<double> Sample(double mean, double spread, int count,
                           Random& random) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) {
    double sum = 0;
    for (int j = 0; j < 12; ++j) sum += random.Unit();
    values.push_back(mean + spread * (sum - 6));
  }
  return values;
}

// The example of R's documentation of t.test: t.test(extra ~ group, sleep).
TEST(WelchTest, AgreesWithR) {
  const std::vector<double> first = {0.7, -1.6, -0.2, -1.2, -0.1,
                                     3.4, 3.7,  0.8,  0.0,  2.0};
  const std::vector<double> second = {1.9, 0.8, 1.1, 0.1, -0.1,
                                      4.4, 5.5, 1.6, 4.6, 3.4};

  const auto difference = CompareMeans(second, first);

  ASSERT_TRUE(difference.has_value());
  EXPECT_NEAR(difference->before, 2.33, 1e-9);
  EXPECT_NEAR(difference->after, 0.75, 1e-9);
  // 17.776 degrees of freedom are rounded down to 17.
  EXPECT_NEAR(difference->low, -3.3654832, 0.01);
  EXPECT_NEAR(difference->high, 0.2054832, 0.01);
}

TEST(WelchTest, TheIntervalHoldsTheTrueDifferenceAsOftenAsItPromises) {
  Random random(1);
  int held = 0;
  for (int i = 0; i < 2'000; ++i) {
    const auto difference =
        CompareMeans(Sample(100, 10, 10, random), Sample(103, 2, 5, random));
    held += difference->low <= 3 && difference->high >= 3 ? 1 : 0;
  }
  EXPECT_GE(held, 1'880);
  EXPECT_LE(held, 1'960);
}

TEST(WelchTest, ValuesWithoutNoiseGiveTheDifferenceItself) {
  const auto difference = CompareMeans({5, 5, 5}, {7, 7});

  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->low, 2);
  EXPECT_EQ(difference->high, 2);
}

TEST(WelchTest, OneValueHasNoInterval) {
  EXPECT_FALSE(CompareMeans({5}, {7, 8, 9}).has_value());
  EXPECT_FALSE(CompareMeans({7, 8, 9}, {}).has_value());
}

}  // namespace
}  // namespace pinhole::lab
