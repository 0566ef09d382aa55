// SPDX-License-Identifier: Apache-2.0

#include "server/domain/feed_events.h"

#include <optional>
#include <stop_token>
#include <thread>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/support/test_loop.h"

namespace pinhole::domain {
namespace {

constexpr absl::Duration kLong = absl::Hours(1);

Task<bool> WaitOf(FeedEvents::Watcher* watcher, absl::Duration timeout,
                  std::stop_token stop) {
  co_await watcher->Wait(timeout, std::move(stop));
  co_return true;
}

class FeedEventsTest : public ::testing::Test {
 protected:
  bool Wait(absl::Duration timeout = kLong, std::stop_token stop = {}) {
    return loop_.Run(WaitOf(&watcher_, timeout, std::move(stop)));
  }

  FeedEvents events_;
  FeedEvents::Watcher watcher_ = events_.Watch();
  testing::TestLoop loop_;
};

TEST_F(FeedEventsTest, SignalBeforeTheWaitEndsItAtOnce) {
  events_.PhotoPublished();

  EXPECT_TRUE(Wait());
}

TEST_F(FeedEventsTest, SignalOfAnotherThreadEndsTheWait) {
  loop_.Post(
      [this] { std::thread([this] { events_.PhotoPublished(); }).join(); });

  EXPECT_TRUE(Wait());
}

TEST_F(FeedEventsTest, OneSignalEndsOneWait) {
  events_.PhotoPublished();
  Wait();
  const absl::Time begin = absl::Now();

  Wait(absl::Milliseconds(20));

  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(20));
}

TEST_F(FeedEventsTest, EveryWatcherGetsTheSignal) {
  FeedEvents::Watcher other = events_.Watch();

  events_.PhotoPublished();

  EXPECT_TRUE(Wait());
  EXPECT_TRUE(loop_.Run(WaitOf(&other, kLong, {})));
}

TEST_F(FeedEventsTest, StopEndsTheWait) {
  std::stop_source stop;
  loop_.Post([&stop] { stop.request_stop(); });

  EXPECT_TRUE(Wait(kLong, stop.get_token()));
}

TEST_F(FeedEventsTest, StopBeforeTheWaitEndsItAtOnce) {
  std::stop_source stop;
  stop.request_stop();

  EXPECT_TRUE(Wait(kLong, stop.get_token()));
}

TEST_F(FeedEventsTest, SignalToADestroyedWatcherIsHarmless) {
  std::optional<FeedEvents::Watcher> gone = events_.Watch();
  gone.reset();

  events_.PhotoPublished();

  EXPECT_TRUE(Wait());
}

}  // namespace
}  // namespace pinhole::domain
