// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/report_document.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "client/lab/core/format.h"
#include "client/lab/report/step_choice.h"
#include "client/lab/report/summary.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/lab/report/fixture.h"

namespace pinhole::lab {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

std::string TextOf(const report::Report& report) {
  return DocumentToText(DocumentOf(report));
}

std::string MarkdownOf(const report::Report& report) {
  return DocumentToMarkdown(DocumentOf(report));
}

// The table of the section called `title`; empty if there is none.
Table TableOf(const report::Report& report, const std::string& title) {
  for (const Section& section : DocumentOf(report).sections) {
    if (section.title == title) return section.table;
  }
  return {};
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
  step.mutable_total()->mutable_response()->set_mean_ms(8.5);
  step.mutable_total()->mutable_response()->set_p50_ms(7.25);
  step.mutable_total()->mutable_response()->set_p95_ms(31);
  step.mutable_total()->mutable_response()->set_p99_ms(1234);
  step.mutable_total()->mutable_response()->set_max_ms(2000);
  return step;
}

TEST(ReportDocumentTest, StepsAreInTheFormOfTheTutorial) {
  report::Report report;
  *report.add_steps() = ClosedStep(1, 96.4);
  *report.add_steps() = ClosedStep(20, 1240);

  EXPECT_EQ(TableToText(TableOf(report, "Steps by users")),
            "users  ops/s  success %  error %  mean ms  p50 ms  p95 ms  p99 ms "
            " max ms\n"
            "    1   96.4      99.90     0.10     8.50    7.25      31   1,234 "
            "  2,000\n"
            "   20  1,240      99.90     0.10     8.50    7.25      31   1,234 "
            "  2,000\n");
}

// The cells of the column called `name`; empty if there is none.
std::vector<std::string> ColumnOf(const Table& table, const std::string& name) {
  std::vector<std::string> cells;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name != name) continue;
    for (const auto& row : table.rows) cells.push_back(row.cells[i]);
  }
  return cells;
}

TEST(ReportDocumentTest, TheTutorialsFiguresStandBesideThoseOfItsStory) {
  report::Report report;
  report.mutable_config()->set_profile("newcomer");
  *report.add_steps() = ClosedStep(1, 96.4);
  *report.add_steps() = ClosedStep(5, 396);
  for (const char* name : {"register", "photo"}) {
    report.mutable_steps(1)->add_operations()->set_name(name);
  }

  EXPECT_THAT(ColumnOf(TableOf(report, "Steps by users"), "tutorial"),
              ElementsAre("", "1.50 ops/s, 35.71 % errors"));
  EXPECT_THAT(ColumnOf(TableOf(report, "Operations at 5 users"), "tutorial ms"),
              ElementsAre("89", "", ""));

  report.mutable_config()->set_profile("reader");
  EXPECT_THAT(ColumnOf(TableOf(report, "Steps by users"), "tutorial"),
              ElementsAre());
}

TEST(ReportDocumentTest, WhereNothingSucceededThereIsNoLatency) {
  report::Report report;
  *report.add_steps() = ClosedStep(1, 0);
  report.mutable_steps(0)->mutable_total()->clear_ok();
  report.mutable_steps(0)->mutable_total()->clear_response();

  EXPECT_THAT(TableOf(report, "Steps by users").rows[0].cells,
              ElementsAre("1", "0", "0.00", "100.00", "–", "–", "–", "–", "–"));
  EXPECT_THAT(TextOf(report), HasSubstr("nothing succeeded"));
}

TEST(ReportDocumentTest, RatesAndUsersHaveTablesOfTheirOwn) {
  const report::Report report = testing::BreakingReport();

  EXPECT_EQ(TableOf(report, "Steps by rate").columns[0].name, "asked/s");
  EXPECT_EQ(TableOf(report, "Steps by users").columns[0].name, "users");
}

TEST(ReportDocumentTest, EveryNumberOfTheStepsIsThere) {
  const report::Report report = testing::BreakingReport();
  const std::string text = TextOf(report);

  for (const report::Step& step : report.steps()) {
    const report::Latency& response = step.total().response();
    for (const double number :
         {step.achieved(), response.mean_ms(), response.p50_ms(),
          response.p95_ms(), response.p99_ms(), response.max_ms()}) {
      EXPECT_THAT(text, HasSubstr(" " + FormatNumber(number)));
    }
    for (const std::string& reason : step.reasons()) {
      EXPECT_THAT(text, HasSubstr(reason));
    }
  }
}

TEST(ReportDocumentTest, TextAndMarkdownShowTheSameSections) {
  for (const report::Report& report :
       {testing::BreakingReport(), testing::StressReport(),
        testing::AblationReport()}) {
    const std::string text = TextOf(report);
    const std::string markdown = MarkdownOf(report);
    for (const Section& section : DocumentOf(report).sections) {
      EXPECT_EQ(text.find("\n" + section.title + "\n") != text.npos,
                !section.folded);
      EXPECT_EQ(markdown.find("\n### " + section.title + "\n") != text.npos,
                !section.folded)
          << section.title;
    }
  }
}

TEST(ReportDocumentTest, AStepThatTheGeneratorLimitedIsNotBlamedOnTheServer) {
  report::Report report;
  *report.add_steps() = ClosedStep(1, 96.4);
  report.mutable_steps(0)->add_reasons("p99");
  report.mutable_steps(0)->set_generator_limited(true);

  EXPECT_EQ(TableOf(report, "Steps by users").rows[0].cells.back(),
            "generator limited");
  EXPECT_THAT(TextOf(report),
              HasSubstr("say nothing about the server: 1 user"));
}

TEST(ReportDocumentTest, OperationsEndWithAllTogether) {
  const Table table =
      TableOf(testing::BreakingReport(), "Operations at 321 ops/s");

  ASSERT_THAT(table.rows, SizeIs(6));
  EXPECT_EQ(table.rows[0].cells[0], "register");
  EXPECT_EQ(table.rows[5].cells[0], "all");
}

TEST(ReportDocumentTest, ErrorsNameTheirOperations) {
  report::Report report;
  report::Step& step = *report.add_steps() = ClosedStep(20, 1240);
  (*step.mutable_total()->mutable_errors())["UNAVAILABLE"] = 1203;
  for (const auto& [name, count] :
       {std::pair{"feed", 3}, std::pair{"like", 1200}}) {
    report::Operation& operation = *step.add_operations();
    operation.set_name(name);
    (*operation.mutable_errors())["UNAVAILABLE"] = count;
  }

  EXPECT_EQ(TableToText(TableOf(report, "Errors")),
            "load      error        count  operations\n"
            "20 users  UNAVAILABLE  1,203  feed 3, like 1,200\n");
}

TEST(ReportDocumentTest, AnEmptyReportSaysSo) {
  EXPECT_EQ(TextOf(report::Report()),
            "Lab report\n\nResult\n-  Result: nothing was measured.\n");
  EXPECT_EQ(MarkdownOf(report::Report()),
            "## Lab report\n\n### Result\n\n- **Result**: nothing was "
            "measured.\n");
}

TEST(ReportDocumentTest, TheResultSaysTheLimitItsCauseAndWhatToDo) {
  EXPECT_THAT(TextOf(testing::BreakingReport()),
              AllOf(HasSubstr("-  Highest rate: 321 ops/s."),
                    HasSubstr("-  Most users at once: 16 users."),
                    HasSubstr("-  Broke first: latency."),
                    HasSubstr("-  Bottleneck: write lock. A write"),
                    HasSubstr("run at no more than 225 ops/s")));
}

TEST(ReportDocumentTest, ALimitThatWasNotReachedIsALowerBound) {
  report::Limit limit;
  EXPECT_EQ(LimitText(limit, "ops/s"), "–");
  limit.set_highest_passing(412);
  limit.set_outcome("found");
  EXPECT_EQ(LimitText(limit, "ops/s"), "412 ops/s");
  limit.set_outcome("never_broke");
  EXPECT_EQ(LimitText(limit, "ops/s"), "at least 412 ops/s");
  limit.set_outcome("not_confirmed");
  EXPECT_EQ(LimitText(limit, "ops/s"), "412 ops/s, not confirmed");
  limit.set_outcome("failed_at_once");
  limit.set_highest_passing(0);
  EXPECT_EQ(LimitText(limit, "ops/s"), "none");
}

TEST(ReportDocumentTest, LoadIsUsersOrARate) {
  report::Step step;
  step.set_kind("closed");
  step.set_users(1);
  EXPECT_EQ(LoadText(step), "1 user");
  step.set_users(20);
  EXPECT_EQ(LoadText(step), "20 users");
  step.set_kind("open");
  step.set_rate(400);
  EXPECT_EQ(LoadText(step), "400 ops/s");
}

TEST(ReportDocumentTest, WarningsComeBeforeTheResult) {
  const std::string text = TextOf(testing::StressReport());

  for (const char* warning :
       {"Interrupted: ", "The server is a debug build.", "Shared machine: "}) {
    EXPECT_LT(text.find(warning), text.find("\nResult\n")) << warning;
  }
}

TEST(ReportDocumentTest, CrossedThresholdsAreMarked) {
  const report::Report report = testing::StressReport();
  const Table table = TableOf(report, "Thresholds");

  ASSERT_THAT(table.rows, SizeIs(2));
  EXPECT_FALSE(table.rows[0].bad);
  EXPECT_TRUE(table.rows[1].bad);
  EXPECT_THAT(table.rows[1].cells, Contains("131 ms at 20 users"));
  EXPECT_THAT(TextOf(report), HasSubstr("Thresholds: 1 of 2 crossed."));
}

TEST(ReportDocumentTest, MetricsThatCouldNotBeReadAreNamed) {
  EXPECT_THAT(TextOf(testing::StressReport()),
              HasSubstr("Metrics could not be read: connection refused"));
}

TEST(ReportDocumentTest, TimeThatNoKnownPartExplainsIsShown) {
  report::Report report;
  *report.add_steps() = ClosedStep(20, 1240);
  report::TimeSpent& spent =
      *report.mutable_steps(0)->mutable_resources()->add_time_spent();
  spent.set_method("GetFeed");
  spent.set_calls(10);
  (*spent.mutable_part_ms())["query"] = 2;
  (*spent.mutable_part_ms())["teleport"] = 1;

  EXPECT_EQ(TableToText(TableOf(
                report, "Where the time goes at 20 users, ms per call")),
            "method   calls  ms  queries  other\n"
            "GetFeed     10   3        2      1\n");
}

TEST(ReportDocumentTest, VariantsCompareAtTheGreatestLoadTheyShare) {
  const report::Report report = testing::AblationReport();
  const Table table = TableOf(report, "Variants, at 20 users");

  ASSERT_THAT(table.rows, SizeIs(3));
  EXPECT_THAT(table.rows[0].cells, AllOf(Contains("naive"), Contains("1x")));
  const report::Step& twenty_users = report.variants(2).steps(1);
  EXPECT_THAT(table.rows[2].cells,
              AllOf(Contains("1,240"), Contains("12.9x"),
                    Contains(FormatNumber(twenty_users.achieved())),
                    Contains("password hashing")));
}

TEST(ReportDocumentTest, VariantsWithoutACommonLoadAreComparedAtTheirBest) {
  report::Report report = testing::AblationReport();
  report.mutable_variants(0)->mutable_steps(0)->set_users(3);
  report.mutable_variants(0)->mutable_steps(1)->set_users(4);

  EXPECT_THAT(TextOf(report),
              HasSubstr("Variants, at the highest load that passed"));
}

TEST(ReportDocumentTest, HostileTextIsOnlyText) {
  const std::string text = TextOf(testing::HostileReport());
  const std::string markdown = MarkdownOf(testing::HostileReport());

  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("\\x1b[31m"));
  EXPECT_THAT(markdown, Not(HasSubstr("</script>")));
  EXPECT_THAT(markdown, Not(HasSubstr("<img")));
  EXPECT_THAT(markdown, HasSubstr("&lt;/script>"));
}

// Bars that divide cells: those that are not escaped.
int Bars(const std::string& line) {
  int bars = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '|' && (i == 0 || line[i - 1] != '\\')) ++bars;
  }
  return bars;
}

TEST(ReportDocumentTest, EveryMarkdownRowHasAsManyCellsAsItsHeader) {
  const std::vector<std::string> lines =
      absl::StrSplit(MarkdownOf(testing::HostileReport()), '\n');

  int tables = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty() || lines[i][0] != '|') continue;
    if (lines[i - 1].empty()) {
      ++tables;
    } else {
      EXPECT_EQ(Bars(lines[i]), Bars(lines[i - 1])) << lines[i];
    }
  }
  EXPECT_GT(tables, 3);
}

}  // namespace
}  // namespace pinhole::lab
