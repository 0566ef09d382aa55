// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/tables.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "client/lab/report/wording.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/lab/report/fixture.h"

namespace pinhole::lab {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

report::Step ClosedStep(std::uint32_t users, double achieved) {
  report::Step step;
  step.set_kind("closed");
  step.set_purpose("ladder");
  step.set_users(users);
  step.set_achieved(achieved);
  step.set_seconds(10);
  step.mutable_total()->set_ok(999);
  (*step.mutable_total()->mutable_errors())["UNAVAILABLE"] = 1;
  step.mutable_total()->mutable_response()->set_p50_ms(7.25);
  step.mutable_total()->mutable_response()->set_p99_ms(1234);
  return step;
}

TEST(TablesTest, StepsAreInTheFormOfTheTutorial) {
  report::Report report;
  *report.add_steps() = ClosedStep(1, 96.4);
  *report.add_steps() = ClosedStep(20, 1240);

  EXPECT_EQ(
      StepTable(report.steps()),
      "users  ops/s  success %  error %  p50 ms  p95 ms  p99 ms  max ms\n"
      "    1   96.4      99.90     0.10    7.25       0   1,234       0\n"
      "   20  1,240      99.90     0.10    7.25       0   1,234       0\n");
}

TEST(TablesTest, RatesAndUsersHaveTablesOfTheirOwn) {
  const std::string text = StepTable(testing::BreakingReport().steps());

  EXPECT_THAT(text, AllOf(HasSubstr("asked/s"), HasSubstr("\n\nusers")));
}

TEST(TablesTest, JudgedStepsSayWhyTheyFailed) {
  const std::vector<std::string> lines =
      Lines(StepTable(testing::BreakingReport().steps()));

  EXPECT_THAT(lines[1], EndsWith("passed"));
  EXPECT_THAT(lines[6], EndsWith("ms, limit 100 ms"));
}

TEST(TablesTest, AStepThatTheLabLimitedIsNotBlamedOnTheServer) {
  report::Report report;
  *report.add_steps() = ClosedStep(1, 96.4);
  report.mutable_steps(0)->add_reasons("p99");
  report.mutable_steps(0)->set_generator_limited(true);

  EXPECT_THAT(StepTable(report.steps()), HasSubstr("lab limited"));
  EXPECT_THAT(EnvironmentText(report), HasSubstr("the lab itself"));
}

TEST(TablesTest, OperationsEndWithAllTogether) {
  const report::Report report = testing::BreakingReport();
  const std::vector<std::string> lines = Lines(OperationTable(report.steps(0)));

  EXPECT_THAT(lines, SizeIs(7));
  EXPECT_EQ(lines[1].substr(0, 8), "register");
  EXPECT_EQ(lines[6].substr(0, 3), "all");
}

TEST(TablesTest, ErrorsAreSortedByHowMany) {
  report::Step step;
  report::Operation& feed = *step.add_operations();
  feed.set_name("feed");
  (*feed.mutable_errors())["UNAVAILABLE"] = 3;
  report::Operation& like = *step.add_operations();
  like.set_name("like");
  (*like.mutable_errors())["DROPPED"] = 1200;

  EXPECT_EQ(ErrorTable(step),
            "operation  error        count\n"
            "like       DROPPED      1,200\n"
            "feed       UNAVAILABLE      3\n");
}

TEST(TablesTest, NothingToSayIsNoText) {
  const report::Report report;

  EXPECT_THAT(StepTable(report.steps()), IsEmpty());
  EXPECT_THAT(OperationTable(report::Step()), IsEmpty());
  EXPECT_THAT(ErrorTable(report::Step()), IsEmpty());
  EXPECT_THAT(FindingsText(report), IsEmpty());
  EXPECT_THAT(ThresholdsText(report), IsEmpty());
  EXPECT_THAT(VariantTable(report), IsEmpty());
  EXPECT_THAT(ReportToText(report), HasSubstr("nothing was measured"));
}

TEST(TablesTest, MetricsThatCouldNotBeReadAreSaidNotToBe) {
  report::Resources resources;
  resources.set_error("connection refused");

  EXPECT_EQ(ResourcesLine(resources),
            "server: metrics could not be read: connection refused\n");
}

TEST(TablesTest, FindingsGiveEvidenceAndAdvice) {
  EXPECT_THAT(FindingsText(testing::BreakingReport()),
              HasSubstr("limit: the write lock\n"
                        "  A write transaction was open 92 % of the time.\n"
                        "  -> Batch writes or shorten transactions.\n"));
}

TEST(TablesTest, VariantsCompareAtTheGreatestLoadTheyShare) {
  const report::Report report = testing::AblationReport();
  const std::vector<std::string> lines = Lines(VariantTable(report));

  ASSERT_THAT(lines, SizeIs(9));
  EXPECT_THAT(lines[1], AllOf(HasSubstr("naive"), HasSubstr("x 1 ")));
  EXPECT_THAT(lines[3],
              AllOf(HasSubstr("default"), HasSubstr("1,240"),
                    HasSubstr("x 12.9"), EndsWith("password hashing")));
  const report::Step& twenty_users = report.variants(2).steps(1);
  EXPECT_THAT(lines[3], HasSubstr(FigureWord(twenty_users.achieved())));
  EXPECT_THAT(ReportToText(report), HasSubstr("at 20 users"));
}

TEST(TablesTest, VariantsWithoutACommonLoadAreComparedAtTheirBest) {
  report::Report report = testing::AblationReport();
  report.mutable_variants(0)->mutable_steps(0)->set_users(3);
  report.mutable_variants(0)->mutable_steps(1)->set_users(4);

  EXPECT_THAT(ReportToText(report), HasSubstr("highest load that passed"));
}

TEST(TablesTest, HostileTextsCannotSteerTheTerminal) {
  const std::string text = ReportToText(testing::HostileReport());

  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("?[31m"));
}

}  // namespace
}  // namespace pinhole::lab
