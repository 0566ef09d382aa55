// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/wording.h"

#include <cmath>

#include "client/lab/report/chart/harmless.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

TEST(WordingTest, FiguresKeepThreeDigits) {
  EXPECT_EQ(FigureWord(0), "0");
  EXPECT_EQ(FigureWord(0.4123), "0.412");
  EXPECT_EQ(FigureWord(4.123), "4.12");
  EXPECT_EQ(FigureWord(41.23), "41.2");
  EXPECT_EQ(FigureWord(412.3), "412");
  EXPECT_EQ(FigureWord(12310.3), "12,310");
  EXPECT_EQ(FigureWord(-12310.3), "-12,310");
}

TEST(WordingTest, WholeNumbersStayWhole) {
  EXPECT_EQ(FigureWord(7), "7");
  EXPECT_EQ(FigureWord(20), "20");
  EXPECT_EQ(FigureWord(1234567), "1,234,567");
}

TEST(WordingTest, RoundingUpMovesThePoint) {
  EXPECT_EQ(FigureWord(0.99961), "1.00");
  EXPECT_EQ(FigureWord(9.996), "10.0");
  EXPECT_EQ(FigureWord(99.96), "100");
}

TEST(WordingTest, WhatIsNoNumberIsADash) {
  EXPECT_EQ(FigureWord(NAN), "-");
  EXPECT_EQ(FigureWord(INFINITY), "-");
  EXPECT_EQ(PercentFigure(NAN), "-");
}

TEST(WordingTest, DurationsHaveTheUnitThatFits) {
  EXPECT_EQ(DurationWord(0.64), "640 us");
  EXPECT_EQ(DurationWord(38.2), "38.2 ms");
  EXPECT_EQ(DurationWord(1250), "1.25 s");
}

TEST(WordingTest, AFewFailuresAreNotRoundedAway) {
  EXPECT_EQ(PercentFigure(0), "0.00");
  EXPECT_EQ(PercentFigure(1), "100.00");
  EXPECT_EQ(PercentFigure(0.000001), "0.01");
  EXPECT_EQ(PercentFigure(0.999999), "99.99");
  EXPECT_EQ(PercentFigure(0.3571), "35.71");
}

TEST(WordingTest, SentencesBeginLargeAndEnd) {
  EXPECT_EQ(Sentence("the lock was held 92 %"), "The lock was held 92 %.");
  EXPECT_EQ(Sentence("No fit."), "No fit.");
  EXPECT_EQ(Sentence(""), "");
}

TEST(WordingTest, LoadIsUsersOrARate) {
  report::Step step;
  step.set_kind("closed");
  step.set_users(1);
  EXPECT_EQ(LoadWord(step), "1 user");
  step.set_users(20);
  EXPECT_EQ(LoadWord(step), "20 users");
  step.set_kind("open");
  step.set_rate(400);
  EXPECT_EQ(LoadWord(step), "400 ops/s");
}

TEST(WordingTest, ALimitThatWasNotReachedIsALowerBound) {
  report::Limit limit;
  limit.set_highest_passing(412);
  limit.set_outcome("found");
  EXPECT_EQ(LimitWord(limit, "ops/s"), "412 ops/s");
  limit.set_outcome("never_broke");
  EXPECT_EQ(LimitWord(limit, "ops/s"), "at least 412 ops/s");
  limit.set_outcome("failed_at_once");
  limit.set_highest_passing(0);
  EXPECT_EQ(LimitWord(limit, "ops/s"), "none");
}

TEST(HarmlessTest, LetsTextsOfAllLanguagesThrough) {
  const std::string text = "Ansel, \u00c5sa, \u5199\u771f, \U0001f4f7 <b>&";

  EXPECT_EQ(Harmless(text), text);
}

TEST(HarmlessTest, TakesTheTeethOutOfControls) {
  EXPECT_EQ(Harmless("a\x1b[31m\nb\tc"), "a?[31m?b?c");
  EXPECT_EQ(Harmless("a\u202eb\u2066c\u0085d"), "a?b?c?d");
  EXPECT_EQ(Harmless(std::string("a\0b", 3)), "a?b");
}

TEST(HarmlessTest, WhatIsNotUtf8IsMarked) {
  EXPECT_EQ(Harmless("a\xff"), "a?");
  EXPECT_EQ(Harmless("\xc3"), "?");                 // Cut off.
  EXPECT_EQ(Harmless("\xc0\xbc"), "??");            // "<", too long.
  EXPECT_EQ(Harmless("\xed\xa0\x80"), "???");       // Half a pair.
  EXPECT_EQ(Harmless("\xf4\x90\x80\x80"), "????");  // Beyond Unicode.
}

}  // namespace
}  // namespace pinhole::lab
