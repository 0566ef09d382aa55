// SPDX-License-Identifier: Apache-2.0

#include "client/cli/lab/live_line.h"

#include <iostream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace pinhole::cli {
namespace {

lab::LiveSecond Second(int users, double rate) {
  return {.purpose = "grow",
          .step = 7,
          .users = users,
          .rate = rate,
          .second = 6,
          .seconds = 10,
          .ok = 396,
          .errors = 4,
          .in_flight = 19,
          .p99 = absl::Microseconds(38'040)};
}

class LiveLineTest : public ::testing::Test {
 protected:
  std::string Shown(bool terminal, bool quiet) {
    std::ostringstream err;
    Terminal shown = {.in = std::cin,
                      .out = std::cout,
                      .err = err,
                      .out_is_terminal = false,
                      .err_is_terminal = terminal,
                      .env = [](const std::string&) { return std::string(); },
                      .ask_secret = nullptr};
    Context context(shown);
    context.quiet = quiet;
    {
      LiveLine line(context, "stress");
      line.Show(Second(1, 0));
      line.Show(Second(2, 0));
    }
    return err.str();
  }
};

TEST_F(LiveLineTest, TextTellsWhatIsAskedAndWhatCame) {
  EXPECT_EQ(LiveText("breaking", Second(0, 23'218)),
            "[breaking 7 grow] 396/s, of 23,218/s | p99 38.0 ms | err 1.00 % | "
            "in flight 19 | 6/10 s");
  EXPECT_EQ(LiveText("stress", Second(1, 0)),
            "[stress 7 grow] 396/s, 1 user | p99 38.0 ms | err 1.00 % | in "
            "flight 19 | 6/10 s");
}

TEST_F(LiveLineTest, SecondWithoutACallHasNoErrors) {
  lab::LiveSecond second = Second(20, 0);
  second.ok = 0;
  second.errors = 0;

  EXPECT_NE(LiveText("stress", second).find("err 0.00 %"), std::string::npos);
}

TEST_F(LiveLineTest, SecondWithoutASuccessHasNoLatency) {
  lab::LiveSecond second = Second(20, 0);
  second.ok = 0;
  second.p99 = absl::ZeroDuration();

  EXPECT_NE(LiveText("stress", second).find("| p99 - ms |"), std::string::npos);
}

TEST_F(LiveLineTest, TerminalHasOneLineThatGoesAtTheEnd) {
  const std::string shown = Shown(/*terminal=*/true, /*quiet=*/false);

  EXPECT_EQ(shown.find('\n'), std::string::npos);
  EXPECT_EQ(shown.substr(shown.size() - 4), "\r\x1b[K");
}

TEST_F(LiveLineTest, FileHasALineForEachSecond) {
  const std::string shown = Shown(/*terminal=*/false, /*quiet=*/false);

  EXPECT_EQ(shown, LiveText("stress", Second(1, 0)) + "\n" +
                       LiveText("stress", Second(2, 0)) + "\n");
}

TEST_F(LiveLineTest, QuietIsNothing) {
  EXPECT_EQ(Shown(/*terminal=*/true, /*quiet=*/true), "");
  EXPECT_EQ(Shown(/*terminal=*/false, /*quiet=*/true), "");
}

}  // namespace
}  // namespace pinhole::cli
