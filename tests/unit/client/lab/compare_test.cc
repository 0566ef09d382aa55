// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/compare.h"

#include "client/lab/core/random.h"
#include "client/lab/run/step.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

using ::testing::HasSubstr;

// A run with one step of 20 users, whose feeds take `mean` each, `rate` a
// second for 10 s.
report::Report RunOf(absl::Duration mean, int rate, std::uint64_t seed) {
  Random random(seed);
  Histogram histogram;
  for (int i = 0; i < 10 * rate; ++i) {
    histogram.Record(mean * (0.5 + random.Unit()));
  }
  report::Report report;
  report.mutable_environment()->set_cpu_model("a CPU");
  report.mutable_config()->set_profile("mix");
  report::Step& step = *report.add_steps();
  step.set_kind("closed");
  step.set_users(20);
  step.set_seconds(10);
  step.set_achieved(rate);
  step.mutable_total()->set_ok(static_cast<std::uint32_t>(10 * rate));
  *step.mutable_total()->mutable_response() = DescribeLatency(histogram);
  report::Operation& feed = *step.add_operations();
  feed = step.total();
  feed.set_name("feed");
  return report;
}

const Difference& Of(const Comparison& comparison, const std::string& operation,
                     const std::string& figure) {
  for (const Difference& difference : comparison.differences) {
    if (difference.operation == operation && difference.figure == figure) {
      return difference;
    }
  }
  ADD_FAILURE() << "no " << figure << " of " << operation;
  return comparison.differences.front();
}

TEST(CompareTest, SameServerHasNotChanged) {
  const auto comparison = Compare(RunOf(absl::Milliseconds(10), 500, 1),
                                  RunOf(absl::Milliseconds(10), 500, 2));

  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_FALSE(Of(*comparison, "feed", "p50").ratio.changed);
  EXPECT_FALSE(Of(*comparison, "all", "rate").ratio.changed);
  EXPECT_EQ(comparison->WorstLoss(), 0);
  EXPECT_THAT(ComparisonText(*comparison), HasSubstr("Nothing changed"));
}

TEST(CompareTest, SlowerServerIsWorseByHowMuchItIsSlower) {
  const auto comparison = Compare(RunOf(absl::Milliseconds(10), 500, 1),
                                  RunOf(absl::Milliseconds(13), 400, 2));

  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_TRUE(Of(*comparison, "feed", "p50").worse);
  EXPECT_NEAR(Of(*comparison, "feed", "p50").Loss(), 0.3, 0.05);
  EXPECT_TRUE(Of(*comparison, "all", "rate").worse);
  EXPECT_NEAR(Of(*comparison, "all", "rate").Loss(), 0.2, 0.05);
  EXPECT_THAT(ComparisonText(*comparison), HasSubstr("feed"));
}

TEST(CompareTest, FasterServerHasChangedButNotForTheWorse) {
  const auto comparison = Compare(RunOf(absl::Milliseconds(13), 400, 1),
                                  RunOf(absl::Milliseconds(10), 500, 2));

  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_TRUE(Of(*comparison, "feed", "p50").ratio.changed);
  EXPECT_EQ(comparison->WorstLoss(), 0);
}

TEST(CompareTest, OtherMachineIsNamed) {
  report::Report after = RunOf(absl::Milliseconds(10), 500, 2);
  after.mutable_environment()->set_cpu_model("another CPU");

  const auto comparison = Compare(RunOf(absl::Milliseconds(10), 500, 1), after);

  ASSERT_TRUE(comparison.ok()) << comparison.status();
  ASSERT_EQ(comparison->unlike.size(), 1u);
  EXPECT_THAT(comparison->unlike.front(), HasSubstr("another CPU"));
}

TEST(CompareTest, RunsWithoutACommonLoadCannotBeCompared) {
  report::Report after = RunOf(absl::Milliseconds(10), 500, 2);
  after.mutable_steps(0)->set_users(21);

  const auto comparison = Compare(RunOf(absl::Milliseconds(10), 500, 1), after);

  EXPECT_EQ(comparison.status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace pinhole::lab
