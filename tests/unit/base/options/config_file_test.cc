// SPDX-License-Identifier: Apache-2.0

#include "base/options/config_file.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// The values of the file's only line, or what is wrong with it.
std::vector<std::string> ValuesOf(const std::string& value) {
  const auto lines = ParseConfigFile("key = " + value, "f");
  if (!lines.ok()) return {std::string(lines.status().message())};
  return lines->at(0).values;
}

std::string ErrorOf(const std::string& text) {
  const auto lines = ParseConfigFile(text, "server.conf");
  return lines.ok() ? "" : std::string(lines.status().message());
}

TEST(ConfigFileTest, ALineIsAKeyAndAValue) {
  const auto lines = ParseConfigFile(
      "# a comment\n\n  loops = 2\r\n\tdata-dir=\"/srv/data\" # where\n", "f");

  ASSERT_TRUE(lines.ok()) << lines.status();
  ASSERT_EQ(lines->size(), 2u);
  EXPECT_EQ(lines->at(0).key, "loops");
  EXPECT_EQ(lines->at(0).number, 3);
  EXPECT_THAT(lines->at(0).values, ElementsAre("2"));
  EXPECT_EQ(lines->at(1).key, "data-dir");
  EXPECT_EQ(lines->at(1).number, 4);
  EXPECT_THAT(lines->at(1).values, ElementsAre("/srv/data"));
}

TEST(ConfigFileTest, ValuesHaveTheFormsOfToml) {
  EXPECT_THAT(ValuesOf(R"("a # b, \"c\" \\ \n\t")"),
              ElementsAre("a # b, \"c\" \\ \n\t"));
  EXPECT_THAT(ValuesOf(R"('C:\new "x"')"), ElementsAre("C:\\new \"x\""));
  EXPECT_THAT(ValuesOf(R"(["a", 'b,c' , 3,] # list)"),
              ElementsAre("a", "b,c", "3"));
  EXPECT_THAT(ValuesOf("[]"), IsEmpty());
  EXPECT_THAT(ValuesOf("\"\""), ElementsAre(""));
  EXPECT_THAT(ValuesOf("true"), ElementsAre("true"));
}

TEST(ConfigFileTest, NumbersAreAsTheyAreWritten) {
  EXPECT_THAT(ValuesOf("0.5"), ElementsAre("0.5"));
  EXPECT_THAT(ValuesOf("-30"), ElementsAre("-30"));
  EXPECT_THAT(ValuesOf("1_000_000"), ElementsAre("1000000"));
}

TEST(ConfigFileTest, MistakesNameFileLineAndRule) {
  EXPECT_THAT(ErrorOf("\nloops\n"), StartsWith("server.conf:2: "));
  EXPECT_THAT(ErrorOf("= 2"), StartsWith("server.conf:1: "));
  EXPECT_THAT(ErrorOf("a = 1\nloops ="), StartsWith("server.conf:2: "));
  EXPECT_THAT(ErrorOf("a = 1\nb = 1\na = 2"), StartsWith("server.conf:3: "));
  EXPECT_THAT(ErrorOf("a = \"b"), StartsWith("server.conf:1: "));
  EXPECT_THAT(ErrorOf("a = [\"b\" \"c\"]"), StartsWith("server.conf:1: "));
  EXPECT_THAT(
      ErrorOf("\n\na = 127.0.0.1:8080"),
      AllOf(StartsWith("server.conf:3: "), HasSubstr("text in quotes")));
  EXPECT_EQ(ErrorOf("\n[server]\nloops = 2"),
            "server.conf:2: tables are not supported; remove [server]");
  EXPECT_EQ(ErrorOf("a = [[1]]"),
            "server.conf:1: a must be text in quotes, a number, true, false, "
            "or a list of these");
  EXPECT_THAT(ErrorOf("a = 2026-11-30"), HasSubstr("a must be text in quotes"));
}

TEST(ConfigFileTest, AFileThatCannotBeReadIsRefused) {
  EXPECT_THAT(std::string(ReadConfigFile("/nowhere").status().message()),
              HasSubstr("cannot read /nowhere: No such file"));
  EXPECT_THAT(std::string(ReadConfigFile("/").status().message()),
              HasSubstr("cannot read /: Is a directory"));
}

TEST(ConfigFileTest, WhatIsWrittenIsReadBack) {
  for (const char* const value : {"plain", "a # b", "say \"hello\" \\ \n\t", "",
                                  "1.2.3.4", "true", "-", "007", "1."}) {
    EXPECT_THAT(ValuesOf(ConfigValue(value)), ElementsAre(value));
  }
  EXPECT_EQ(ConfigValue("0.5"), "0.5");
  EXPECT_EQ(ConfigValue("1.2.3.4"), "\"1.2.3.4\"");
}

}  // namespace
}  // namespace pinhole
