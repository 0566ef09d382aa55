// SPDX-License-Identifier: Apache-2.0

#include "base/parts.h"

#include "absl/synchronization/notification.h"
#include "base/async/task.h"
#include "base/async/thread_pool.h"
#include "gtest/gtest.h"
#include "tests/support/test_loop.h"

namespace pinhole {
namespace {

constexpr absl::Duration kNone = absl::ZeroDuration();

// A call that hashes something on `pool`.
Task<absl::StatusOr<int>> Hash(ThreadPool& pool, Parts& parts) {
  parts.Begin(Part::kRest);
  const WorkingFor call(&parts);
  auto work = []() -> absl::StatusOr<int> {
    return Parts::Current() == nullptr ? 0 : 1;
  };
  absl::StatusOr<int> found = co_await RunOn(pool, std::move(work));
  EXPECT_EQ(Parts::Current(), &parts);
  parts.Enter(Part::kRest);
  co_return found;
}

ThreadPool::Options OneHasher() {
  return {.name = "test",
          .threads = 1,
          .waiting = Part::kHashWait,
          .working = Part::kHash};
}

TEST(PartsTest, PartsAddUpToTheWhole) {
  const auto begin = Parts::Clock::now();
  Parts parts;
  parts.Begin(Part::kAdmission);
  EXPECT_EQ(parts.Enter(Part::kQuery), Part::kAdmission);
  EXPECT_EQ(parts.Enter(Part::kRest), Part::kQuery);
  parts.Enter(Part::kRest);

  EXPECT_EQ(parts.total(), parts.spent(Part::kAdmission) +
                               parts.spent(Part::kQuery) +
                               parts.spent(Part::kRest));
  EXPECT_LE(parts.total(), absl::FromChrono(Parts::Clock::now() - begin));
}

TEST(PartsTest, AClockThatIsBehindTakesNothingAway) {
  const auto now = Parts::Clock::now();
  Parts parts;
  parts.Begin(Part::kRest);

  parts.Enter(Part::kWrite, now - std::chrono::seconds(1));

  EXPECT_EQ(parts.total(), kNone);
  EXPECT_EQ(parts.part(), Part::kWrite);
}

TEST(PartsTest, APoolTellsItsWaitFromItsWork) {
  ThreadPool pool(OneHasher());
  absl::Notification release;
  ASSERT_TRUE(pool.Submit([&] { release.WaitForNotification(); }));
  testing::TestLoop loop;
  Parts waited;
  Parts::Clock::time_point released;

  // The loop gets to it once the call has been queued behind the other work.
  loop.Post([&] {
    released = Parts::Clock::now();
    release.Notify();
  });
  EXPECT_EQ(loop.Run(Hash(pool, waited)).value(), 1);

  EXPECT_GT(waited.spent(Part::kHashWait), kNone);
  EXPECT_GT(waited.spent(Part::kHash), kNone);
  EXPECT_GE(waited.total(),
            waited.spent(Part::kHashWait) + waited.spent(Part::kHash));
}

TEST(PartsTest, ARefusalEndsTheWait) {
  ThreadPool::Options options = OneHasher();
  options.max_queue = 0;
  ThreadPool pool(options);
  Parts parts;

  EXPECT_FALSE(testing::TestLoop().Run(Hash(pool, parts)).ok());

  EXPECT_EQ(parts.part(), Part::kRest);
  EXPECT_EQ(parts.spent(Part::kHash), kNone);
}

// Waits for `release` among other calls of the loop.
Task<absl::StatusOr<int>> WaitFor(absl::Notification& release, Parts& parts) {
  parts.Begin(Part::kRest);
  const WorkingFor call(&parts);
  while (!release.HasBeenNotified()) {
    co_await pinhole::SleepFor(absl::ZeroDuration());
    EXPECT_EQ(Parts::Current(), &parts);
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
  Parts idle, busy;

  loop.Start(Ignore(WaitFor(release, idle)));
  EXPECT_EQ(Parts::Current(), nullptr);
  EXPECT_TRUE(loop.Run(Hash(pool, busy)).ok());
  EXPECT_EQ(Parts::Current(), nullptr);
  release.Notify();
  EXPECT_TRUE(loop.Run(Hash(pool, busy)).ok());

  EXPECT_EQ(idle.spent(Part::kHash), kNone);
  EXPECT_GT(busy.spent(Part::kHash), kNone);
}

}  // namespace
}  // namespace pinhole
