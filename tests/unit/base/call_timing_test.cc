// SPDX-License-Identifier: Apache-2.0

#include "base/call_timing.h"

#include "absl/synchronization/notification.h"
#include "base/async/task.h"
#include "base/async/thread_pool.h"
#include "gtest/gtest.h"
#include "tests/support/test_loop.h"

namespace pinhole {
namespace {

constexpr absl::Duration kNone = absl::ZeroDuration();

// A call that hashes something on `pool`.
Task<absl::StatusOr<int>> Hash(ThreadPool& pool, CallTiming& parts) {
  parts.Begin(CallPhase::kRest);
  const ScopedCallTiming call(&parts);
  auto work = []() -> absl::StatusOr<int> {
    return CallTiming::Current() == nullptr ? 0 : 1;
  };
  absl::StatusOr<int> found = co_await RunOn(pool, std::move(work));
  EXPECT_EQ(CallTiming::Current(), &parts);
  parts.Enter(CallPhase::kRest);
  co_return found;
}

ThreadPool::Options OneHasher() {
  return {.name = "test",
          .threads = 1,
          .waiting = CallPhase::kHashWait,
          .working = CallPhase::kHash};
}

TEST(PartsTest, PartsAddUpToTheWhole) {
  const auto begin = CallTiming::Clock::now();
  CallTiming parts;
  parts.Begin(CallPhase::kAdmission);
  EXPECT_EQ(parts.Enter(CallPhase::kQuery), CallPhase::kAdmission);
  EXPECT_EQ(parts.Enter(CallPhase::kRest), CallPhase::kQuery);
  parts.Enter(CallPhase::kRest);

  EXPECT_EQ(parts.total(), parts.spent(CallPhase::kAdmission) +
                               parts.spent(CallPhase::kQuery) +
                               parts.spent(CallPhase::kRest));
  EXPECT_LE(parts.total(), absl::FromChrono(CallTiming::Clock::now() - begin));
}

TEST(PartsTest, AClockThatIsBehindTakesNothingAway) {
  const auto now = CallTiming::Clock::now();
  CallTiming parts;
  parts.Begin(CallPhase::kRest);

  parts.Enter(CallPhase::kWrite, now - std::chrono::seconds(1));

  EXPECT_EQ(parts.total(), kNone);
  EXPECT_EQ(parts.phase(), CallPhase::kWrite);
}

TEST(PartsTest, APoolTellsItsWaitFromItsWork) {
  ThreadPool pool(OneHasher());
  absl::Notification release;
  ASSERT_TRUE(pool.Submit([&] { release.WaitForNotification(); }));
  testing::TestLoop loop;
  CallTiming waited;
  CallTiming::Clock::time_point released;

  // The loop gets to it once the call has been queued behind the other work.
  loop.Post([&] {
    released = CallTiming::Clock::now();
    release.Notify();
  });
  EXPECT_EQ(loop.Run(Hash(pool, waited)).value(), 1);

  EXPECT_GT(waited.spent(CallPhase::kHashWait), kNone);
  EXPECT_GT(waited.spent(CallPhase::kHash), kNone);
  EXPECT_GE(waited.total(), waited.spent(CallPhase::kHashWait) +
                                waited.spent(CallPhase::kHash));
}

TEST(PartsTest, ARefusalEndsTheWait) {
  ThreadPool::Options options = OneHasher();
  options.max_queue = 0;
  ThreadPool pool(options);
  CallTiming parts;

  EXPECT_FALSE(testing::TestLoop().Run(Hash(pool, parts)).ok());

  EXPECT_EQ(parts.phase(), CallPhase::kRest);
  EXPECT_EQ(parts.spent(CallPhase::kHash), kNone);
}

// Waits for `release` among other calls of the loop.
Task<absl::StatusOr<int>> WaitFor(absl::Notification& release,
                                  CallTiming& parts) {
  parts.Begin(CallPhase::kRest);
  const ScopedCallTiming call(&parts);
  while (!release.HasBeenNotified()) {
    co_await pinhole::SleepFor(absl::ZeroDuration());
    EXPECT_EQ(CallTiming::Current(), &parts);
  }
  co_return 0;
}

Task<void> Ignore(Task<absl::StatusOr<int>> task) {
  (co_await std::move(task)).status().IgnoreError();
}

TEST(PartsTest, CallsOnOneLoopKeepTheirsApart) {
  ThreadPool pool(OneHasher());
  testing::TestLoop loop;
  absl::Notification release;
  CallTiming idle, busy;

  loop.Start(Ignore(WaitFor(release, idle)));
  EXPECT_EQ(CallTiming::Current(), nullptr);
  EXPECT_TRUE(loop.Run(Hash(pool, busy)).ok());
  EXPECT_EQ(CallTiming::Current(), nullptr);
  release.Notify();
  EXPECT_TRUE(loop.Run(Hash(pool, busy)).ok());

  EXPECT_EQ(idle.spent(CallPhase::kHash), kNone);
  EXPECT_GT(busy.spent(CallPhase::kHash), kNone);
}

}  // namespace
}  // namespace pinhole
