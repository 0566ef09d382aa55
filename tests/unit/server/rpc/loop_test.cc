// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc/loop.h"

#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"

namespace pinhole::rpc {
namespace {

using ::testing::ElementsAre;

class LoopTest : public ::testing::Test {
 protected:
  // Waits until the work posted before is done.
  void Flush() {
    absl::Notification done;
    loop_.Post([&done] { done.Notify(); });
    done.WaitForNotification();
  }

  grpc::ServerBuilder builder_;
  Loop loop_{builder_.AddCompletionQueue()};
};

TEST_F(LoopTest, WorkRunsInTheOrderOfPosting) {
  std::vector<int> ran;
  for (int i = 0; i < 1000; ++i) loop_.Post([&ran, i] { ran.push_back(i); });
  Flush();

  ASSERT_EQ(ran.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(ran[static_cast<std::size_t>(i)], i);
}

TEST_F(LoopTest, WorkFromManyThreadsAllRunsOnTheLoop) {
  int ran = 0;  // Used only on the loop's thread.
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) loop_.Post([&ran] { ++ran; });
    });
  }
  for (std::thread& thread : threads) thread.join();
  Flush();

  EXPECT_EQ(ran, 4000);
}

TEST_F(LoopTest, PostedWorkSeesItsLoopAsCurrent) {
  Executor* current = nullptr;
  loop_.Post([&current] { current = Executor::Current(); });
  Flush();

  EXPECT_EQ(current, &loop_);
  EXPECT_EQ(Executor::Current(), nullptr);
}

TEST_F(LoopTest, WorkIsNeverRunInsidePost) {
  bool ran_inside = true;
  loop_.Post([this, &ran_inside] {
    bool ran = false;
    loop_.Post([&ran] { ran = true; });
    ran_inside = ran;
  });
  Flush();
  Flush();

  EXPECT_FALSE(ran_inside);
}

TEST_F(LoopTest, TimersRunInTheOrderOfTheirTime) {
  std::vector<int> ran;
  absl::Notification last;
  loop_.PostAfter(absl::Milliseconds(40), [&] {
    ran.push_back(3);
    last.Notify();
  });
  loop_.PostAfter(absl::Milliseconds(5), [&] { ran.push_back(1); });
  loop_.PostAfter(absl::Milliseconds(20), [&] { ran.push_back(2); });
  last.WaitForNotification();

  EXPECT_THAT(ran, ElementsAre(1, 2, 3));
}

TEST_F(LoopTest, ATimerDoesNotRunEarly) {
  const absl::Time begin = absl::Now();
  absl::Notification fired;
  loop_.PostAfter(absl::Milliseconds(30), [&fired] { fired.Notify(); });
  fired.WaitForNotification();

  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(29));
}

TEST_F(LoopTest, StopRunsWhatWasPostedAndDropsTimers) {
  bool posted_ran = false;
  bool timer_ran = false;
  const auto held = std::make_shared<int>(0);  // Owned here and by the timer.
  loop_.PostAfter(absl::Hours(1), [&timer_ran, held] { timer_ran = true; });
  loop_.Post([&posted_ran] { posted_ran = true; });

  loop_.Stop();

  EXPECT_TRUE(posted_ran);
  EXPECT_FALSE(timer_ran);
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(LoopTest, PostsAfterStopAreDropped) {
  loop_.Stop();

  const auto held = std::make_shared<int>(0);  // Owned here and by the work.
  loop_.Post([held] {});
  loop_.PostAfter(absl::ZeroDuration(), [held] {});

  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace pinhole::rpc
