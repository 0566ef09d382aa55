// SPDX-License-Identifier: Apache-2.0

#include "base/log/log_line.h"

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace pinhole {
namespace {

class LogLineTest : public ::testing::Test {
 protected:
  // A line at some milliseconds after the epoch.
  static LogLine At(LogStyle style, std::int64_t milliseconds,
                    std::string_view message) {
    return {style, LogLevel::kInfo, message,
            LogLine::Time(std::chrono::milliseconds(milliseconds))};
  }
  static std::string Of(LogStyle style, std::string_view message) {
    return std::string(At(style, 0, message).Finish());
  }
};

TEST_F(LogLineTest, TextHasTimeLevelMessageAndFields) {
  LogLine line = At(LogStyle::kText, 1'700'000'000'007, "call made");
  line.Add("user", "ansel");
  line.Add("lines", 42);
  line.AddMilliseconds("duration_ms", absl::Microseconds(12'034));

  EXPECT_EQ(line.Finish(),
            "2023-11-14 22:13:20.007 info call made user=ansel lines=42 "
            "duration_ms=12.034\n");
}

TEST_F(LogLineTest, JsonIsOneObjectALine) {
  LogLine line = At(LogStyle::kJson, 1'700'000'000'123, "a \"b\" \\");
  line.Add("user", "an\"sel");
  line.Add("lines", -1);
  line.AddMilliseconds("duration_ms", absl::ZeroDuration());

  EXPECT_EQ(line.Finish(), R"({"ts":"2023-11-14T22:13:20.123Z","level":"info",)"
                           R"("msg":"a \"b\" \\","user":"an\"sel","lines":-1,)"
                           R"("duration_ms":0.000})"
                           "\n");
}

TEST_F(LogLineTest, ValueOfSeveralWordsIsQuotedInText) {
  for (const auto& [value, shown] : {std::pair{"", R"("")"},
                                     {"a b", R"("a b")"},
                                     {"a=b", R"("a=b")"},
                                     {"a\"b", R"("a\"b")"},
                                     {"a-b", "a-b"}}) {
    LogLine line = At(LogStyle::kText, 0, "m");
    line.Add("key", value);

    EXPECT_EQ(line.Finish(), "1970-01-01 00:00:00.000 info m key=" +
                                 std::string(shown) + "\n");
  }
}

TEST_F(LogLineTest, NextSecondAndOtherStyleShow) {
  At(LogStyle::kText, 1'700'000'000'999, "a").Finish();

  EXPECT_EQ(At(LogStyle::kText, 1'700'000'001'000, "b").Finish(),
            "2023-11-14 22:13:21.000 info b\n");
  EXPECT_EQ(At(LogStyle::kJson, 1'700'000'001'000, "b").Finish(),
            R"({"ts":"2023-11-14T22:13:21.000Z","level":"info","msg":"b"})"
            "\n");
}

TEST_F(LogLineTest, NoTextForgesALine) {
  for (const LogStyle style : {LogStyle::kText, LogStyle::kJson}) {
    const std::string line = Of(style, "a\nb\x7f");

    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_NE(line.find("a\\u000ab\\u007f"), std::string::npos);
  }
}

TEST_F(LogLineTest, BytesThatAreNoUtf8AreReplaced) {
  EXPECT_NE(Of(LogStyle::kJson, "caf\xc3\xa9").find("caf\xc3\xa9\""),
            std::string::npos);
  EXPECT_NE(Of(LogStyle::kJson, "caf\xe9!").find("caf\xef\xbf\xbd!\""),
            std::string::npos);
}

TEST_F(LogLineTest, LongFieldsAreWhole) {
  LogLine line = At(LogStyle::kText, 0, "m");
  const std::string value(5000, 'x');
  line.Add("key", value);

  EXPECT_NE(line.Finish().find("key=" + value + "\n"), std::string::npos);
}

}  // namespace
}  // namespace pinhole
