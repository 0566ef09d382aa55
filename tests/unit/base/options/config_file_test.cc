// SPDX-License-Identifier: Apache-2.0

#include "base/options/config_file.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

TEST(ConfigFileTest, TextNeedsNoQuotes) {
  EXPECT_THAT(ValuesOf("127.0.0.1:8080,unix:/a b # two"),
              ElementsAre("127.0.0.1:8080,unix:/a b"));
  EXPECT_THAT(ValuesOf("/docs#top"), ElementsAre("/docs#top"));
}

TEST(ConfigFileTest, MistakesNameFileLineAndRule) {
  EXPECT_EQ(ErrorOf("\nloops\n"), "server.conf:2: 'loops' is not KEY = VALUE");
  EXPECT_THAT(ErrorOf("= 2"), HasSubstr("is not KEY = VALUE"));
  EXPECT_EQ(ErrorOf("loops ="), "server.conf:1: loops: the value is missing");
  EXPECT_EQ(ErrorOf("loops = # two"),
            "server.conf:1: loops: the value is missing");
  EXPECT_THAT(ErrorOf("[server]\nloops = 2"),
              HasSubstr("server.conf:1: there are no sections"));
  EXPECT_EQ(ErrorOf("a = 1\nb = 1\na = 2"),
            "server.conf:3: a is set in line 1 already");
  EXPECT_THAT(ErrorOf("a = \"b"), HasSubstr("the closing \" is missing"));
  EXPECT_THAT(ErrorOf("a = 'b"), HasSubstr("the closing ' is missing"));
  EXPECT_THAT(ErrorOf(R"(a = "\x")"), HasSubstr("only \", \\, n and t"));
  EXPECT_THAT(ErrorOf(R"(a = "\)"), HasSubstr("only \", \\, n and t"));
  EXPECT_THAT(ErrorOf(R"(a = "b" c)"), HasSubstr("'c' is after the value"));
  EXPECT_THAT(ErrorOf(R"(a = ["b" "c"])"), HasSubstr("a list is"));
  EXPECT_THAT(ErrorOf("a = [b, c"), HasSubstr("a list is"));
  EXPECT_THAT(ErrorOf("a = [,]"), HasSubstr("the value is missing"));
}

TEST(ConfigFileTest, AFileThatCannotBeReadIsRefused) {
  EXPECT_THAT(std::string(ReadConfigFile("/nowhere").status().message()),
              HasSubstr("/nowhere cannot be read: No such file"));
  EXPECT_THAT(std::string(ReadConfigFile("/").status().message()),
              HasSubstr("/ cannot be read: Is a directory"));
}

TEST(ConfigFileTest, WhatIsWrittenIsReadBack) {
  for (const char* const value : {"plain", "a # b", "say \"hello\" \\ \n\t", "",
                                  "1.2.3.4", "true", "-"}) {
    EXPECT_THAT(ValuesOf(ConfigValue(value)), ElementsAre(value));
  }
  EXPECT_EQ(ConfigValue("0.5"), "0.5");
  EXPECT_EQ(ConfigValue("1.2.3.4"), "\"1.2.3.4\"");
}

}  // namespace
}  // namespace pinhole
