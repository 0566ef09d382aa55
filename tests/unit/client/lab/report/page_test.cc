// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/page.h"

#include <string>

#include "client/lab/report/report_file.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/unit/client/lab/report/fixture.h"

namespace pinhole::lab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// The content of the first element that `start` begins, up to the next `end`.
std::string Content(const std::string& page, const std::string& start,
                    const std::string& end) {
  const std::size_t begin = page.find(start);
  if (begin == std::string::npos) return "";
  const std::size_t content = begin + start.size();
  return page.substr(content, page.find(end, content) - content);
}

std::string Data(const std::string& page, const std::string& id) {
  return Content(page, "<script type=\"application/json\" id=\"" + id + "\">",
                 "</script>");
}

TEST(PageTest, HoldsTheWholeReport) {
  const report::Report report = testing::BreakingReport();

  const auto read =
      ReportFromJson(Data(ReportToHtml(report), "report"), "page");

  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(
      google::protobuf::util::MessageDifferencer::Equals(*read, report));
}

TEST(PageTest, HostileTextCannotLeaveItsElement) {
  const report::Report report = testing::HostileReport();
  const std::string page = ReportToHtml(report);

  for (const char* id : {"report", "tables"}) {
    EXPECT_THAT(Data(page, id),
                AllOf(HasSubstr("\\u003c/script"), HasSubstr("\\u003cimg"),
                      Not(HasSubstr("<"))));
  }
  EXPECT_TRUE(ReportFromJson(Data(page, "report"), "page").ok());
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(Content(page, "<title>", "</title>"),
              HasSubstr("&lt;/script>&lt;img"));
}

TEST(PageTest, WithoutScriptsThereIsText) {
  EXPECT_THAT(Content(ReportToHtml(testing::BreakingReport()), "<noscript>",
                      "</noscript>"),
              AllOf(HasSubstr("Highest rate: 321 ops/s."), HasSubstr("p99 ms"),
                    HasSubstr("Command: pinhole lab breaking --seed 42")));
}

TEST(PageTest, LoadsNothing) {
  const std::string page = ReportToHtml(testing::BreakingReport());

  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* word :
       {"src=", "href=", "<link", "@font", "@import", "url(", "{{"}) {
    EXPECT_THAT(page, Not(HasSubstr(word))) << word;
  }
}

TEST(PageTest, AnEmptyReportIsAPage) {
  EXPECT_THAT(ReportToHtml(report::Report()),
              AllOf(HasSubstr("nothing was measured"), HasSubstr("</html>")));
}

TEST(PageTest, EqualReportsGiveEqualPages) {
  // EXPECT_EQ would print both.
  EXPECT_TRUE(ReportToHtml(testing::BreakingReport()) ==
              ReportToHtml(testing::BreakingReport()));
}

}  // namespace
}  // namespace pinhole::lab
