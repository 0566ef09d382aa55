// SPDX-License-Identifier: Apache-2.0

// The lab against servers whose limit is known: does it tell the truth?

#include <atomic>
#include <memory>
#include <thread>

#include "absl/time/clock.h"
#include "client/lab/run/breaking.h"
#include "client/lab/run/lab.h"
#include "client/lab/run/stress.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/lab/limited_server.h"

namespace pinhole::lab {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;

class TruthTest : public ::testing::Test {
 protected:
  std::unique_ptr<Lab> OpenLab(const LimitedServer& server,
                               const std::string& mix = "photo=1") {
    LabOptions options;
    options.target = {Dialect::kGrpc, {server.target()}};
    options.metrics = server.metrics_url();
    options.profile = ParseMix(mix).value();
    options.survey = {.people = 4, .password = "demo", .sessions = {}};
    options.fleet = {.workers = 1, .connections = 8, .seed = 1};
    options.warmup = absl::Milliseconds(500);
    options.measure = absl::Seconds(2);
    options.timeout = absl::Seconds(5);
    auto lab = Lab::Open(options, "breaking", stop_, nullptr);
    EXPECT_TRUE(lab.ok()) << lab.status();
    return lab.ok() ? *std::move(lab) : nullptr;
  }

  // Searches again where the lab says that the machine was too busy to tell.
  report::Report Search(const LimitedServer& server,
                        const BreakingOptions& options) {
    report::Report report;
    for (int i = 0; i < 3; ++i) {
      const auto lab = OpenLab(server);
      if (lab == nullptr) return report;
      Break(options, *lab);
      report = lab->Finish();
      if (report.rate_limit().outcome() != "generator_limited" &&
          report.users_limit().outcome() != "generator_limited") {
        break;
      }
    }
    return report;
  }

  std::atomic<bool> stop_ = false;
};

// 4 workers of 10 ms are 400 a second.  A queue before them keeps p99 below
// 100 ms until just before.
TEST_F(TruthTest, BreakingFindsTheLimitWithinATenthAndNamesTheLock) {
  const LimitedServer server({.workers = 4,
                              .service = absl::Milliseconds(10),
                              .holds_write_lock = true});

  const report::Report report = Search(
      server, {.users = false, .overload = true, .confirm = absl::Seconds(6)});

  EXPECT_EQ(report.rate_limit().outcome(), "found")
      << report.rate_limit().summary();
  EXPECT_THAT(report.rate_limit().highest_passing(),
              AllOf(Ge(0.9 * server.calls_per_second()),
                    Le(1.1 * server.calls_per_second())))
      << report.rate_limit().summary();
  ASSERT_FALSE(report.findings().empty());
  EXPECT_EQ(report.findings(0).id(), "write_lock");
  // Twice as much comes, as much as ever is done, and what has queued up by
  // then is worked off in the time that it took, and a little.
  EXPECT_GT(report.overload().offered(), 1.8 * server.calls_per_second() * 0.9);
  EXPECT_GT(report.overload().goodput_share(), 0.8);
  EXPECT_GT(report.overload().recovery_seconds(), 1);
}

TEST_F(TruthTest, UsersAtTheLimitAreThoseWhoseQueueFitsTheLevel) {
  // One worker of 10 ms: the tenth user waits 100 ms.
  const LimitedServer server({.workers = 1, .service = absl::Milliseconds(10)});

  const report::Report report =
      Search(server, {.rates = false, .confirm = absl::Seconds(3)});

  EXPECT_THAT(report.users_limit().highest_passing(), AllOf(Ge(8), Le(10)))
      << report.users_limit().summary();
}

// A naive closed loop has one sample of a freeze; people who come all the same
// are all kept waiting.
TEST_F(TruthTest, FreezeShowsInTheOpenLoopAndHidesInTheClosedOne) {
  const absl::Duration freeze = absl::Seconds(2);
  const Limits limits{.workers = 100,
                      .service = absl::Milliseconds(1),
                      .freeze_after = absl::Seconds(2),
                      .freeze = freeze};
  const LimitedServer open_server(limits);
  const auto open = OpenLab(open_server);
  ASSERT_NE(open, nullptr);
  const auto in_the_open = open->Run(
      {.purpose = "ladder", .rate = 100, .measure = absl::Seconds(6)});
  const LimitedServer closed_server(limits);
  const auto closed = OpenLab(closed_server);
  ASSERT_NE(closed, nullptr);
  const auto in_the_closed = closed->Run(
      {.purpose = "ladder", .users = 1, .measure = absl::Seconds(6)});

  EXPECT_GT(in_the_open.step->total().response().p99_ms(), 1000);
  EXPECT_FALSE(in_the_open.verdict.passed);
  EXPECT_GT(in_the_closed.step->total().response().max_ms(), 1000);
  EXPECT_LT(in_the_closed.step->total().response().p99_ms(), 1000);
}

TEST_F(TruthTest, RefusalsAreErrorsByTheirKind) {
  const LimitedServer server(
      {.workers = 1, .service = absl::Milliseconds(10), .queue = 2});
  const auto lab = OpenLab(server);
  ASSERT_NE(lab, nullptr);

  const auto result =
      lab->Run({.purpose = "ladder", .rate = 200, .measure = absl::Seconds(2)});

  EXPECT_THAT(result.step->total().errors().at("RESOURCE_EXHAUSTED"), Ge(100));
  EXPECT_FALSE(result.verdict.passed);
}

TEST_F(TruthTest, CallsWithoutASlotAreDroppedAndCount) {
  const LimitedServer server(
      {.workers = 1, .service = absl::Milliseconds(100)});
  LabOptions options;
  options.target = {Dialect::kGrpc, {server.target()}};
  options.profile = ParseMix("photo=1").value();
  options.survey.people = 1;
  options.warmup = absl::Milliseconds(200);
  options.timeout = absl::Seconds(5);
  options.max_in_flight = 4;
  auto lab = Lab::Open(options, "stress", stop_, nullptr);
  ASSERT_TRUE(lab.ok()) << lab.status();

  const auto result = (*lab)->Run(
      {.purpose = "ladder", .rate = 100, .measure = absl::Seconds(2)});

  EXPECT_GT(result.step->dropped(), 100u);
  EXPECT_EQ(result.step->total().errors().at("DROPPED"),
            result.step->dropped());
}

// More than any client on these cores can send: the server is not to blame.
// What the lab had not come to by the end once counted as never wanted.
TEST_F(TruthTest, RateBeyondTheLabsMeansIsTheLabsLimit) {
  const LimitedServer server({.workers = 1, .service = absl::Microseconds(1)});
  const auto lab = OpenLab(server);
  ASSERT_NE(lab, nullptr);

  const auto result = lab->Run(
      {.purpose = "ladder", .rate = 500'000, .measure = absl::Seconds(1)});

  EXPECT_TRUE(result.verdict.generator_limited);
  EXPECT_TRUE(result.step->generator_limited());
  EXPECT_GT(result.step->dropped(), 0u);
}

TEST_F(TruthTest, EveryTargetHasItsShareAndTheReportSaysWhoseFiguresItHas) {
  const Limits limits{.workers = 4, .service = absl::Milliseconds(1)};
  const LimitedServer servers[] = {LimitedServer(limits), LimitedServer(limits),
                                   LimitedServer(limits)};
  LabOptions options;
  options.target = {Dialect::kGrpc, {}};
  for (const LimitedServer& server : servers) {
    options.target.addresses.push_back(server.target());
  }
  options.metrics = servers[1].metrics_url();
  options.profile = ParseMix("photo=1").value();
  options.survey.people = 1;
  options.fleet = {.workers = 2, .connections = 6, .seed = 1};
  options.warmup = absl::ZeroDuration();
  auto lab = Lab::Open(options, "stress", stop_, nullptr);
  ASSERT_TRUE(lab.ok()) << lab.status();

  (*lab)->Run({.purpose = "ladder", .rate = 100, .measure = absl::Seconds(1)});

  for (const LimitedServer& server : servers) EXPECT_TRUE(server.was_called());
  EXPECT_THAT((*lab)->report().environment().warnings(),
              Contains(AllOf(HasSubstr("3 servers"),
                             HasSubstr(servers[1].metrics_url()))));
}

TEST_F(TruthTest, StopBeforeAStepLeavesItOut) {
  const LimitedServer server({.workers = 1});
  const auto lab = OpenLab(server);
  ASSERT_NE(lab, nullptr);
  stop_ = true;

  Stress({.users = {1, 2}}, *lab);

  EXPECT_TRUE(lab->Finish().partial());
  EXPECT_TRUE(lab->report().steps().empty());
}

TEST_F(TruthTest, StopMidwayEndsTheStepAndKeepsWhatItHas) {
  const LimitedServer server({.workers = 1});
  const auto lab = OpenLab(server);
  ASSERT_NE(lab, nullptr);
  std::thread stopper([this, &server] {
    while (!server.was_called()) absl::SleepFor(absl::Milliseconds(10));
    absl::SleepFor(absl::Seconds(2));
    stop_ = true;
  });

  const auto result =
      lab->Run({.purpose = "ladder", .users = 1, .measure = absl::Hours(1)});
  stopper.join();

  EXPECT_TRUE(result.step->cut_short());
  EXPECT_GT(result.step->total().ok(), 0u);
  EXPECT_TRUE(lab->Finish().partial());
}

}  // namespace
}  // namespace pinhole::lab
