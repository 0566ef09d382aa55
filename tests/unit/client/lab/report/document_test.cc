// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/document.h"

#include <string>

#include "client/lab/report/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Document Example() {
  Document document{.title = "A run"};
  Section section{.title = "Steps"};
  section.items.push_back({"Warning", "the server is a debug build."});
  section.table.columns = {{"name", false}, {"late"}, {"p50 ms"}};
  section.table.Add({"naïve", "", "–"}, true);
  section.table.Add({"a", "", "1,234"});
  section.table.DropEmptyColumns();
  document.Add(section);
  section.title = "Details";
  section.folded = true;
  document.Add(section);
  document.Add({.title = "Nothing"});
  return document;
}

TEST(DocumentTest, TextAlignsColumns) {
  EXPECT_EQ(DocumentToText(Example()),
            "A run\n"
            "\n"
            "Steps\n"
            "-  Warning: the server is a debug build.\n"
            "name   p50 ms\n"
            "naïve       –\n"
            "a       1,234\n");
}

TEST(DocumentTest, MarkdownHasTheSameTables) {
  EXPECT_EQ(DocumentToMarkdown(Example()),
            "## A run\n"
            "\n"
            "### Steps\n"
            "\n"
            "- **Warning**: the server is a debug build.\n"
            "\n"
            "| name | p50 ms |\n"
            "| --- | ---: |\n"
            "| naïve | – |\n"
            "| a | 1,234 |\n");
}

TEST(DocumentTest, JsonAlsoHasTheDetails) {
  const std::string json = DocumentToJson(Example());

  EXPECT_THAT(json, HasSubstr(R"("items":[["Warning","the server)"));
  EXPECT_THAT(
      json,
      HasSubstr(R"("columns":[["name",false],["p50 ms",true]],)"
                R"("rows":[[true,["naïve","–"]],[false,["a","1,234"]]])"));
  EXPECT_THAT(json, HasSubstr(R"("title":"Details","folded":true)"));
  EXPECT_THAT(json, Not(HasSubstr("Nothing")));
}

TEST(DocumentTest, LongItemsAreWrapped) {
  Document document{.title = "A run"};
  document.Add({.title = "Result", .items = {{"Advice", ""}}});
  for (int i = 0; i < 30; ++i) document.sections[0].items[0].text += "word ";

  EXPECT_THAT(DocumentToText(document), HasSubstr("word\n   word"));
}

TEST(EscapingTest, MarkdownMarksMeanThemselves) {
  EXPECT_EQ(EscapeMarkdown("a*b_[c]|`d`<e>&\n"),
            "a\\*b\\_\\[c\\]\\|\\`d\\`&lt;e>&amp;\\\\n");
}

TEST(EscapingTest, JsonInAScriptCannotEndIt) {
  EXPECT_EQ(QuoteJson("</script><!--\"\\\x1b"),
            R"("\u003c/script>\u003c!--\"\\\\x1b")");
  EXPECT_EQ(EscapeScript(R"({"a":"</script>"})"), R"({"a":"\u003c/script>"})");
}

TEST(EscapingTest, MarkupIsText) {
  EXPECT_EQ(EscapeMarkup("<b>&amp;\n"), "&lt;b>&amp;amp;\n");
}

}  // namespace
}  // namespace pinhole::lab
