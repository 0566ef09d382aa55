// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/markdown.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "client/lab/report/grid.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/lab/report/fixture.h"

namespace pinhole::lab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Bars that divide cells: those that are not escaped.
int Bars(const std::string& line) {
  int bars = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '|' && (i == 0 || line[i - 1] != '\\')) ++bars;
  }
  return bars;
}

TEST(MarkdownTest, TellsTheStoryInShort) {
  EXPECT_THAT(
      ReportToMarkdown(testing::BreakingReport()),
      AllOf(HasSubstr("## Breaking point of grpc://127.0.0.1:50051"),
            HasSubstr("- Highest rate: **321 ops/s**"),
            HasSubstr("> The server is a debug build."),
            HasSubstr("### Steps by rate"), HasSubstr("### Steps by users"),
            HasSubstr("### Operations at 321 ops/s"),
            HasSubstr("- the write lock (limit): ")));
}

TEST(MarkdownTest, AnAblationIsATable) {
  EXPECT_THAT(ReportToMarkdown(testing::AblationReport()),
              AllOf(HasSubstr("### Before and after, at 20 users"),
                    HasSubstr("| default | 1,240 | x 12.9 |"),
                    HasSubstr("### Latency by variant, at 20 users")));
}

TEST(MarkdownTest, AnEmptyReportSaysSo) {
  EXPECT_EQ(ReportToMarkdown(report::Report()),
            "## Lab report\n\n- Result: **nothing was measured**\n");
}

TEST(MarkdownTest, HostileTextsStayTexts) {
  const std::string text = ReportToMarkdown(testing::HostileReport());

  EXPECT_THAT(text, Not(HasSubstr("</script>")));
  EXPECT_THAT(text, Not(HasSubstr("<b>")));
  EXPECT_THAT(text, HasSubstr("&lt;/script>"));
}

TEST(MarkdownTest, EveryRowHasAsManyCellsAsItsHeader) {
  const std::vector<std::string> lines =
      absl::StrSplit(ReportToMarkdown(testing::HostileReport()), '\n');

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

TEST(MarkdownTest, MarksMeanThemselves) {
  EXPECT_EQ(EscapeMarkdown("a*b_[c]|`d`<e>&"),
            "a\\*b\\_\\[c\\]\\|\\`d\\`&lt;e>&amp;");
}

}  // namespace
}  // namespace pinhole::lab
