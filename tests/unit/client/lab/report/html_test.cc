// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/html.h"

#include <stdlib.h>

#include <fstream>
#include <string>

#include "client/lab/report/step_choice.h"
#include "client/lab/report/wording.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/client/lab/report/fixture.h"

namespace pinhole::lab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Whether parsers that are not ours find `page` faultless; see check_page.py.
bool IsFaultless(const std::string& page) {
  const pinhole::testing::TempDir folder;
  const std::string path = (folder.path() / "page.html").string();
  std::ofstream(path, std::ios::binary) << page;
  const std::string command =
      fmt::format("/usr/bin/python3 -B '{}' '{}'", PINHOLE_CHECK_PAGE, path);
  return system(command.c_str()) == 0;
}

std::string Cell(const std::string& text) {
  return fmt::format("<td class=\"n\">{}</td>", text);
}

TEST(HtmlTest, PagesAreWellFormedAndLoadNothing) {
  EXPECT_TRUE(IsFaultless(ReportToHtml(testing::BreakingReport())));
  EXPECT_TRUE(IsFaultless(ReportToHtml(testing::StressReport())));
  EXPECT_TRUE(IsFaultless(ReportToHtml(testing::AblationReport())));
}

TEST(HtmlTest, HostileTextsStayTexts) {
  const std::string page = ReportToHtml(testing::HostileReport());

  EXPECT_TRUE(IsFaultless(page));
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, HasSubstr("&lt;/script&gt;&lt;b&gt;"));
  EXPECT_THAT(page, HasSubstr("\\u003c/script\\u003e\\u003cb\\u003e"));
}

TEST(HtmlTest, TheNetworkIsNotMentioned) {
  const std::string page = ReportToHtml(testing::BreakingReport());

  for (const char* word :
       {"http:", "https:", "src=", "href=", "<link", "@font", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(word)));
  }
}

TEST(HtmlTest, AnEmptyReportIsAPage) {
  const std::string page = ReportToHtml(report::Report());

  EXPECT_TRUE(IsFaultless(page));
  EXPECT_THAT(page, AllOf(HasSubstr("nothing was measured"),
                          Not(HasSubstr("<svg")), Not(HasSubstr("<table"))));
}

TEST(HtmlTest, EveryNumberOfTheStepsIsThere) {
  const report::Report report = testing::BreakingReport();
  const std::string page = ReportToHtml(report);

  for (const report::Step& step : report.steps()) {
    const report::Latency& response = step.total().response();
    EXPECT_THAT(page, HasSubstr(Cell(FigureWord(step.achieved()))));
    EXPECT_THAT(page,
                HasSubstr(Cell(PercentFigure(FailureShareOf(step.total())))));
    for (const double ms : {response.p50_ms(), response.p95_ms(),
                            response.p99_ms(), response.max_ms()}) {
      EXPECT_THAT(page, HasSubstr(Cell(FigureWord(ms))));
    }
    for (const std::string& reason : step.reasons()) {
      EXPECT_THAT(page, HasSubstr(reason));
    }
  }
}

TEST(HtmlTest, TheHeadlineSaysTheLimitItsCauseAndWhatToDo) {
  const std::string page = ReportToHtml(testing::BreakingReport());

  EXPECT_THAT(page, HasSubstr("<dd class=\"answer\">321 ops/s</dd>"));
  EXPECT_THAT(page, HasSubstr("<dd class=\"answer\">16 users</dd>"));
  EXPECT_THAT(page, HasSubstr("<dd class=\"answer\">latency</dd>"));
  EXPECT_THAT(page, HasSubstr("<dd class=\"answer\">the write lock</dd>"));
  EXPECT_THAT(page, HasSubstr("run at no more than 225 ops/s"));
  EXPECT_THAT(page, HasSubstr("Batch writes or shorten transactions."));
}

TEST(HtmlTest, ASearchHasAllCharts) {
  const std::string page = ReportToHtml(testing::BreakingReport());

  for (const char* chart :
       {"throughput-rate", "latency-rate", "throughput-users", "latency-users",
        "operation-latency", "operation-throughput", "time-spent",
        "spectrum-rate", "spectrum-users", "resources", "timeline-rate",
        "timeline-latency", "timeline-flight"}) {
    EXPECT_THAT(page, HasSubstr(fmt::format("id=\"{}-title\"", chart)));
  }
  EXPECT_THAT(page, HasSubstr(">limit 100 ms</text>"));
  EXPECT_THAT(page, HasSubstr(">waiting to write</text>"));
}

TEST(HtmlTest, WhatWasNotMeasuredHasNoChart) {
  const std::string page = ReportToHtml(testing::StressReport());

  EXPECT_THAT(page, HasSubstr("id=\"latency-users-title\""));
  for (const char* chart :
       {"latency-rate", "time-spent", "resources", "variant-rate"}) {
    EXPECT_THAT(page, Not(HasSubstr(fmt::format("id=\"{}-title\"", chart))));
  }
}

TEST(HtmlTest, WarningsComeBeforeFigures) {
  const std::string page = ReportToHtml(testing::StressReport());

  const auto facts = page.find("<dl class=\"facts\">");
  EXPECT_LT(page.find("The run was interrupted"), facts);
  EXPECT_LT(page.find("The server is a debug build."), facts);
  EXPECT_LT(page.find("the two shared its cores"), facts);
}

TEST(HtmlTest, CrossedThresholdsAreMarked) {
  const std::string page = ReportToHtml(testing::StressReport());

  EXPECT_THAT(page, HasSubstr("1 of 2 crossed"));
  EXPECT_THAT(page,
              HasSubstr("<tr class=\"bad\"><th scope=\"row\">p99(feed)&lt;"));
  EXPECT_THAT(page, HasSubstr("131 ms at 20 users"));
}

TEST(HtmlTest, AnAblationShowsWhatEachImprovementBuys) {
  const std::string page = ReportToHtml(testing::AblationReport());

  EXPECT_THAT(page, HasSubstr("96 to 1,240"));
  EXPECT_THAT(page, HasSubstr("Before and after, at 20 users"));
  EXPECT_THAT(page, HasSubstr(Cell("x 12.9")));
  EXPECT_THAT(page, HasSubstr("+ write batching</text>"));
  EXPECT_THAT(page, HasSubstr("--db-group-commit=naive"));
}

TEST(HtmlTest, TheCommandToRepeatItIsGiven) {
  EXPECT_THAT(ReportToHtml(testing::BreakingReport()),
              HasSubstr("<code>pinhole lab breaking --seed 42</code>"));
}

TEST(HtmlTest, EqualReportsGiveEqualPages) {
  // Not EXPECT_EQ, which would print both.
  EXPECT_TRUE(ReportToHtml(testing::BreakingReport()) ==
              ReportToHtml(testing::BreakingReport()));
}

}  // namespace
}  // namespace pinhole::lab
