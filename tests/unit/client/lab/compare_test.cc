// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/compare.h"

#include "client/lab/core/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// A run with one step of 20 users, in each second of which about `rate` feeds
// succeed with a p50 of about `p50_ms`; the noise is 2 % either way.
report::Report RunOf(double p50_ms, double rate, std::uint64_t seed,
                     int seconds = 20) {
  Random random(seed);
  const auto noisy = [&](double value) {
    return value * random.Between(0.98, 1.02);
  };
  report::Report report;
  report.mutable_environment()->set_cpu_model("a CPU");
  report.mutable_config()->set_profile("mix");
  report::Step& step = *report.add_steps();
  step.set_kind("closed");
  step.set_users(20);
  step.set_seconds(seconds);
  step.set_achieved(rate);
  for (int i = 0; i < seconds; ++i) {
    report::Second& second = *step.add_timeline();
    second.set_ok(static_cast<std::uint32_t>(noisy(rate)));
    second.set_p50_ms(noisy(p50_ms));
    second.set_p99_ms(noisy(3 * p50_ms));
  }
  report::Operation& feed = *step.add_operations();
  feed.set_name("feed");
  feed.set_ok(static_cast<std::uint32_t>(seconds * rate));
  feed.mutable_response()->set_p50_ms(p50_ms);
  feed.mutable_response()->set_p99_ms(3 * p50_ms);
  return report;
}

Comparison Compared(const report::Report& before, const report::Report& after) {
  auto comparison = Compare(before, after);
  EXPECT_TRUE(comparison.ok()) << comparison.status();
  return comparison.ok() ? *std::move(comparison) : Comparison();
}

Difference Of(const Comparison& comparison, const std::string& operation,
              const std::string& figure) {
  for (const Difference& difference : comparison.differences) {
    if (difference.operation == operation && difference.figure == figure) {
      return difference;
    }
  }
  ADD_FAILURE() << "no " << figure << " of " << operation;
  return {};
}

TEST(CompareTest, EqualRunsHaveIntervalsThatHoldOne) {
  const Comparison comparison = Compared(RunOf(10, 500, 1), RunOf(10, 500, 1));

  for (const char* figure : {"rate", "p50", "p99"}) {
    const Difference difference = Of(comparison, "all", figure);
    ASSERT_TRUE(difference.interval.has_value());
    EXPECT_LT(difference.interval->low, 1);
    EXPECT_GT(difference.interval->high, 1);
    EXPECT_FALSE(difference.changed);
  }
  EXPECT_THAT(ComparisonText(comparison), HasSubstr("Nothing changed."));
}

TEST(CompareTest, NoiseIsNotAChange) {
  const Comparison comparison = Compared(RunOf(10, 500, 1), RunOf(10, 500, 2));

  EXPECT_THAT(comparison.differences, Each(Field(&Difference::changed, false)));
  EXPECT_EQ(comparison.WorstLoss(), 0);
}

TEST(CompareTest, ACertainButSmallDifferenceIsNotAChange) {
  const Difference p50 =
      Of(Compared(RunOf(10, 500, 1), RunOf(10.4, 500, 2)), "all", "p50");

  ASSERT_TRUE(p50.interval.has_value());
  EXPECT_GT(p50.interval->low, 1);
  EXPECT_FALSE(p50.changed);
}

TEST(CompareTest, SlowerServerIsWorseByHowMuchItIsSlower) {
  const Comparison comparison = Compared(RunOf(10, 500, 1), RunOf(13, 400, 2));

  const Difference p50 = Of(comparison, "all", "p50");
  EXPECT_TRUE(p50.worse);
  EXPECT_NEAR(p50.Loss(), 0.3, 0.02);
  ASSERT_TRUE(p50.interval.has_value());
  EXPECT_THAT(p50.interval->low, AllOf(testing::Gt(1.27), testing::Lt(1.3)));
  EXPECT_THAT(p50.interval->high, AllOf(testing::Gt(1.3), testing::Lt(1.33)));
  EXPECT_TRUE(Of(comparison, "all", "rate").worse);
  EXPECT_NEAR(Of(comparison, "all", "rate").Loss(), 0.2, 0.02);
  EXPECT_THAT(ComparisonText(comparison), HasSubstr("20 users  all"));
}

TEST(CompareTest, FasterServerHasChangedButNotForTheWorse) {
  const Comparison comparison = Compared(RunOf(13, 400, 1), RunOf(10, 500, 2));

  EXPECT_TRUE(Of(comparison, "all", "p50").changed);
  EXPECT_EQ(comparison.WorstLoss(), 0);
}

TEST(CompareTest, ASecondWithoutAnAnswerHasNoLatency) {
  report::Report after = RunOf(10, 500, 2);
  for (int i = 0; i < 4; ++i) {
    *after.mutable_steps(0)->mutable_timeline(i) = report::Second();
  }
  const Comparison comparison = Compared(RunOf(10, 500, 1), after);

  EXPECT_FALSE(Of(comparison, "all", "p50").changed);
  EXPECT_NEAR(Of(comparison, "all", "rate").ratio, 0.8, 0.02);
}

TEST(CompareTest, OneOperationHasNoIntervalAndIsNotJudged) {
  report::Report after = RunOf(10, 500, 2);
  after.mutable_steps(0)->mutable_operations(0)->mutable_response()->set_p50_ms(
      20);
  const Comparison comparison = Compared(RunOf(10, 500, 1), after);

  EXPECT_FALSE(Of(comparison, "feed", "p50").interval.has_value());
  EXPECT_EQ(comparison.WorstLoss(), 0);
  EXPECT_THAT(ComparisonText(comparison), HasSubstr("+100.0 %         –"));
}

TEST(CompareTest, TooFewSecondsHaveNoInterval) {
  const Comparison comparison =
      Compared(RunOf(10, 500, 1, 2), RunOf(20, 200, 2, 20));

  EXPECT_FALSE(comparison.HasInterval());
  EXPECT_EQ(comparison.WorstLoss(), 0);
  EXPECT_THAT(ComparisonText(comparison),
              AllOf(Not(HasSubstr("Nothing changed")),
                    HasSubstr("No interval is possible for 20 users: the steps "
                              "have 2 s and 20 s, at least 3 s are needed.")));
  EXPECT_THAT(ComparisonJson(comparison), HasSubstr("withoutInterval"));
}

TEST(CompareTest, LimitsThatWereFoundCarryThePrecisionOfTheirSearch) {
  report::Report before = RunOf(10, 500, 1);
  report::Report after = RunOf(10, 500, 2);
  before.mutable_rate_limit()->set_highest_passing(100);
  after.mutable_rate_limit()->set_highest_passing(80);
  EXPECT_THAT(Compared(before, after).differences,
              Not(Contains(Field(&Difference::load, "limit"))));
  before.mutable_rate_limit()->set_outcome("found");
  after.mutable_rate_limit()->set_outcome("found");

  const Difference limit =
      Of(Compared(before, after), "all", "limit of the rate");

  EXPECT_TRUE(limit.worse);
  EXPECT_NEAR(limit.Loss(), 0.2, 1e-9);
  ASSERT_TRUE(limit.interval.has_value());
  EXPECT_NEAR(limit.interval->high, 0.84, 1e-9);
}

TEST(CompareTest, OtherMachineIsNamed) {
  report::Report after = RunOf(10, 500, 2);
  after.mutable_environment()->set_cpu_model("another CPU");

  const Comparison comparison = Compared(RunOf(10, 500, 1), after);

  ASSERT_THAT(comparison.unlike, SizeIs(1));
  EXPECT_THAT(comparison.unlike.front(), HasSubstr("another CPU"));
  EXPECT_THAT(comparison.without_interval, IsEmpty());
}

TEST(CompareTest, AStepOfTheLadderThatOneRunLacksIsNamed) {
  report::Report before = RunOf(10, 500, 1);
  report::Report after = RunOf(10, 500, 2);
  for (report::Report* report : {&before, &after}) {
    report::Step step = report->steps(0);
    step.set_users(40);
    step.set_purpose("ladder");
    *report->add_steps() = step;
  }
  EXPECT_THAT(Compared(before, after).missing, IsEmpty());

  after.mutable_steps(1)->set_generator_limited(true);

  const Comparison comparison = Compared(before, after);
  EXPECT_THAT(comparison.missing, ElementsAre("40 users"));
  EXPECT_THAT(ComparisonText(comparison), HasSubstr("step of 40 users"));
}

TEST(CompareTest, RunsWithoutACommonLoadCannotBeCompared) {
  report::Report after = RunOf(10, 500, 2);
  after.mutable_steps(0)->set_users(21);

  EXPECT_EQ(Compare(RunOf(10, 500, 1), after).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace pinhole::lab
