// SPDX-License-Identifier: Apache-2.0

#include "base/log/refusal_summary.h"

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "base/net/client_address.h"
#include "base/net/ip_address.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/log_pipe.h"

namespace pinhole {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

ClientAddress Client(std::string_view address) {
  return {.network = 1, .address = ParseIpAddress(address)};
}

// Few lines, and minutes that end only when the test says so.
class RefusalSummaryTest : public ::testing::Test {
 protected:
  // How many of `requests` get lines of their own.
  int LinesOf(const ClientAddress& client, std::string_view code,
              int requests) {
    int lines = 0;
    for (int i = 0; i < requests; ++i) lines += refusals_->Count(client, code);
    return lines;
  }

  LogPipe log_;
  std::optional<RefusalSummary> refusals_{
      std::in_place, log_.sink(),
      RefusalSummary::Options{
          .lines = 3, .max_addresses = 2, .minute = absl::InfiniteDuration()}};
};

TEST_F(RefusalSummaryTest, SummaryTellsHowManyMoreWereRefusedAndWhy) {
  EXPECT_EQ(LinesOf(Client("192.0.2.7"), "404", 2), 2);
  EXPECT_EQ(LinesOf(Client("192.0.2.7"), "429", 5), 1);
  EXPECT_EQ(LinesOf(Client("192.0.2.7"), "404", 90), 0);

  refusals_->EndMinute();

  EXPECT_THAT(
      log_.Read(),
      EndsWith(" info more requests from this address were refused in this "
               "minute address=192.0.2.7 requests=94 "
               "codes=\"90 404, 4 429\"\n"));
}

TEST_F(RefusalSummaryTest, NextMinuteBeginsAnew) {
  LinesOf(Client("192.0.2.7"), "404", 4);
  refusals_->EndMinute();
  log_.Read();

  EXPECT_EQ(LinesOf(Client("192.0.2.7"), "404", 4), 3);
  refusals_->EndMinute();
  EXPECT_THAT(log_.Read(), HasSubstr(" requests=1 "));
}

TEST_F(RefusalSummaryTest, AddressesDoNotTakeEachOthersLines) {
  EXPECT_EQ(LinesOf(Client("192.0.2.7"), "404", 100), 3);
  EXPECT_EQ(LinesOf(Client("192.0.2.8"), "404", 3), 3);

  refusals_->EndMinute();

  EXPECT_THAT(log_.Read(), Not(HasSubstr("192.0.2.8")));
}

TEST_F(RefusalSummaryTest, NetworkOfOneIpv6CustomerIsOneAddress) {
  EXPECT_EQ(LinesOf(Client("2001:db8:1:2::1"), "404", 3), 3);
  EXPECT_EQ(LinesOf(Client("2001:db8:1:2:3:4:5:6"), "404", 3), 0);

  refusals_->EndMinute();

  EXPECT_THAT(log_.Read(), HasSubstr("address=2001:db8:1:2::/64 requests=3 "));
}

TEST_F(RefusalSummaryTest, AddressesBeyondTheMostAreCountedAsOne) {
  LinesOf(Client("192.0.2.1"), "404", 1);
  LinesOf(Client("192.0.2.2"), "404", 1);
  EXPECT_EQ(LinesOf(Client("192.0.2.3"), "404", 2), 2);
  EXPECT_EQ(LinesOf(Client("192.0.2.4"), "404", 2), 1);

  refusals_->EndMinute();

  EXPECT_THAT(log_.Read(), HasSubstr("address=others requests=1 "));
}

TEST_F(RefusalSummaryTest, EndOfTheProcessWritesTheSummary) {
  LinesOf({.local = true}, "404", 8);

  refusals_.reset();

  EXPECT_THAT(log_.Read(), HasSubstr("address=127.0.0.1 requests=5 "));
}

}  // namespace
}  // namespace pinhole
