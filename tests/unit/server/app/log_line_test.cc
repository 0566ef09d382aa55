// SPDX-License-Identifier: Apache-2.0

#include "server/app/log_line.h"

#include <chrono>
#include <cstdint>
#include <string>

#include "gtest/gtest.h"

namespace pinhole::app {
namespace {

class LogLineTest : public ::testing::Test {
 protected:
  // The line of a message at some milliseconds after the epoch.
  static std::string Format(LogLine& line, std::int64_t at,
                            const std::string& text) {
    const spdlog::details::log_msg message(
        spdlog::log_clock::time_point(std::chrono::milliseconds(at)),
        spdlog::source_loc(), "pinhole", spdlog::level::info, text);
    spdlog::memory_buf_t out;
    line.format(message, out);
    return std::string(out.data(), out.size());
  }
};

TEST_F(LogLineTest, TextHasTimeLevelAndMessage) {
  LogLine line(false);

  EXPECT_EQ(Format(line, 1'700'000'000'007, "a \"b\""),
            "2023-11-14 22:13:20.007 info a \"b\"\n");
}

TEST_F(LogLineTest, JsonIsOneObjectALine) {
  LogLine line(true);

  EXPECT_EQ(Format(line, 1'700'000'000'123, "a \"b\" \\"),
            R"({"ts":"2023-11-14T22:13:20.123Z","level":"info",)"
            R"("msg":"a \"b\" \\"})"
            "\n");
}

TEST_F(LogLineTest, NextSecondShows) {
  LogLine line(false);
  Format(line, 1'700'000'000'999, "a");

  EXPECT_EQ(Format(line, 1'700'000'001'000, "b"),
            "2023-11-14 22:13:21.000 info b\n");
}

TEST_F(LogLineTest, NoTextForgesALine) {
  for (const bool json : {false, true}) {
    LogLine line(json);

    const std::string formatted = Format(line, 0, "a\nb\x7f");

    EXPECT_EQ(formatted.find('\n'), formatted.size() - 1);
    EXPECT_NE(formatted.find("a\\u000ab\\u007f"), std::string::npos);
  }
}

}  // namespace
}  // namespace pinhole::app
