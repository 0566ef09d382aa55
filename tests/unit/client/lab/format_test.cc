// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/format.h"

#include <cmath>

#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

TEST(FormatTest, NumbersKeepThreeDigits) {
  EXPECT_EQ(FormatNumber(0), "0");
  EXPECT_EQ(FormatNumber(0.4123), "0.412");
  EXPECT_EQ(FormatNumber(4.123), "4.12");
  EXPECT_EQ(FormatNumber(41.23), "41.2");
  EXPECT_EQ(FormatNumber(412.3), "412");
  EXPECT_EQ(FormatNumber(12310.3), "12,310");
  EXPECT_EQ(FormatNumber(-12310.3), "-12,310");
}

TEST(FormatTest, WholeNumbersStayWhole) {
  EXPECT_EQ(FormatNumber(7), "7");
  EXPECT_EQ(FormatNumber(20), "20");
  EXPECT_EQ(FormatNumber(1234567), "1,234,567");
}

TEST(FormatTest, RoundingUpMovesThePoint) {
  EXPECT_EQ(FormatNumber(0.99961), "1.00");
  EXPECT_EQ(FormatNumber(9.996), "10.0");
  EXPECT_EQ(FormatNumber(99.96), "100");
}

TEST(FormatTest, NonFiniteNumbersAreADash) {
  EXPECT_EQ(FormatNumber(NAN), "–");
  EXPECT_EQ(FormatNumber(INFINITY), "–");
  EXPECT_EQ(FormatPercentage(NAN), "–");
}

TEST(FormatTest, DurationsHaveTheUnitThatFits) {
  EXPECT_EQ(FormatMilliseconds(0.64), "640 us");
  EXPECT_EQ(FormatMilliseconds(38.2), "38.2 ms");
  EXPECT_EQ(FormatMilliseconds(1250), "1.25 s");
}

TEST(FormatTest, AFewFailuresAreNotRoundedAway) {
  EXPECT_EQ(FormatPercentage(0), "0.00");
  EXPECT_EQ(FormatPercentage(1), "100.00");
  EXPECT_EQ(FormatPercentage(0.000001), "0.01");
  EXPECT_EQ(FormatPercentage(0.999999), "99.99");
  EXPECT_EQ(FormatPercentage(0.3571), "35.71");
}

TEST(FormatTest, SentencesHaveACapitalAndAFullStop) {
  EXPECT_EQ(Sentence("the lock was held 92 %"), "The lock was held 92 %.");
  EXPECT_EQ(Sentence("No fit."), "No fit.");
  EXPECT_EQ(Sentence(""), "");
}

}  // namespace
}  // namespace pinhole::lab
