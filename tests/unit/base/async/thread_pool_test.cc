// SPDX-License-Identifier: Apache-2.0

#include "base/async/thread_pool.h"

#include <atomic>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_loop.h"

namespace pinhole {
namespace {

TEST(ThreadPoolTest, DestructorFinishesWhatWasAccepted) {
  std::atomic<int> done = 0;
  {
    ThreadPool pool({.name = "test", .threads = 2});
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(pool.Submit([&] { ++done; }));
  }
  EXPECT_EQ(done, 20);
}

TEST(ThreadPoolTest, RefusesBeyondItsQueue) {
  absl::Notification begun, release;
  ThreadPool pool({.name = "test", .threads = 1, .max_queue = 1});
  ASSERT_TRUE(pool.Submit([&] {
    begun.Notify();
    release.WaitForNotification();
  }));
  begun.WaitForNotification();

  EXPECT_TRUE(pool.Submit([] {}));
  EXPECT_FALSE(pool.Submit([] {}));

  release.Notify();
}

// Work that notes who came, once it may begin.
class Order {
 public:
  absl::AnyInvocable<void()> Note(char who) {
    return [this, who] {
      absl::MutexLock lock(&mutex_);
      order_ += who;
    };
  }
  std::string Read() {
    absl::MutexLock lock(&mutex_);
    return order_;
  }

 private:
  absl::Mutex mutex_;
  std::string order_;
};

TEST(ThreadPoolTest, SharesTakeTurns) {
  Order order;
  {
    absl::Notification begun, release;
    ThreadPool pool({.name = "test", .threads = 1});
    ASSERT_TRUE(pool.Submit([&] {
      begun.Notify();
      release.WaitForNotification();
    }));
    begun.WaitForNotification();
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(pool.Submit(order.Note('a'), 1));
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(pool.Submit(order.Note('b'), 2));
    ASSERT_TRUE(pool.Submit(order.Note('c'), 3));
    release.Notify();
  }

  EXPECT_EQ(order.Read(), "abcabaa");
}

TEST(ThreadPoolTest, ShareThatHasItsThreadsLeavesTheOthersToOthers) {
  absl::Notification begun, release, other_done;
  Order order;
  {
    ThreadPool pool({.name = "test", .threads = 2, .max_threads_per_share = 1});
    ASSERT_TRUE(pool.Submit(
        [&] {
          begun.Notify();
          release.WaitForNotification();
        },
        1));
    begun.WaitForNotification();
    ASSERT_TRUE(pool.Submit(order.Note('a'), 1));

    ASSERT_TRUE(pool.Submit(
        [&] {
          order.Note('b')();
          other_done.Notify();
        },
        2));

    other_done.WaitForNotification();
    EXPECT_EQ(order.Read(), "b");
    EXPECT_EQ(pool.queued(), 1U);
    release.Notify();
  }
  EXPECT_EQ(order.Read(), "ba");
}

TEST(ThreadPoolTest, ExpectsToWaitForWhatIsQueued) {
  absl::Notification begun, release;
  ThreadPool pool({.name = "test", .threads = 1, .max_queue = 8});
  EXPECT_EQ(pool.ExpectedWait(), absl::ZeroDuration());
  // Nothing takes no time at all, so that there is something to expect.
  absl::Notification first;
  ASSERT_TRUE(pool.Submit([&] { first.Notify(); }));
  first.WaitForNotification();
  ASSERT_TRUE(pool.Submit([&] {
    begun.Notify();
    release.WaitForNotification();
  }));
  begun.WaitForNotification();
  EXPECT_EQ(pool.ExpectedWait(), absl::ZeroDuration());

  ASSERT_TRUE(pool.Submit([] {}));
  const absl::Duration for_one = pool.ExpectedWait();
  ASSERT_TRUE(pool.Submit([] {}));

  EXPECT_GT(for_one, absl::ZeroDuration());
  EXPECT_EQ(pool.ExpectedWait(), 2 * for_one);
  release.Notify();
}

// A hash during which the machine stood still made the server refuse dozens of
// newcomers who would have been served in time.
TEST(ThreadPoolTest, OneThatWasHeldUpIsNoSignForTheNext) {
  absl::Notification begun, release;
  ThreadPool pool({.name = "test", .threads = 1, .max_queue = 32});
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(pool.Submit([] { absl::SleepFor(absl::Milliseconds(1)); }));
  }
  ASSERT_TRUE(pool.Submit([] { absl::SleepFor(absl::Seconds(1)); }));
  ASSERT_TRUE(pool.Submit([&] {
    begun.Notify();
    release.WaitForNotification();
  }));
  begun.WaitForNotification();

  ASSERT_TRUE(pool.Submit([] {}));
  // An eighth of the second, if it counted as it was.
  EXPECT_LT(pool.ExpectedWait(), absl::Milliseconds(100));
  release.Notify();
}

TEST(ThreadPoolTest, RunOnGivesTheResultToTheCoroutine) {
  ThreadPool pool({.name = "test"});
  auto work = [] { return absl::StatusOr<int>(5); };

  EXPECT_EQ(testing::TestLoop().Run(RunOn(pool, work)).value(), 5);
}

TEST(ThreadPoolTest, RunOnAnswersResourceExhaustedWhenFull) {
  ThreadPool pool({.name = "test", .threads = 1, .max_queue = 0});
  auto work = [] { return absl::StatusOr<int>(5); };

  EXPECT_THAT(testing::TestLoop().Run(RunOn(pool, work)),
              testing::StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace pinhole
