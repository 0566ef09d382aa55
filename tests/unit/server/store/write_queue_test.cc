// SPDX-License-Identifier: Apache-2.0

#include "server/store/queue/write_queue.h"

#include <limits>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace pinhole::store {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::Ge;
using ::testing::Optional;

class WriteQueueTest : public ::testing::Test {
 protected:
  absl::Status Push(absl::Duration patience) {
    PendingWrite write{LikePhoto{}, {}, [](auto) {}, 1};
    return queue_.Push(write, patience, now_);
  }
  // Commands that take 10 ms each, ten to a batch.
  void LearnSlowly() {
    for (int i = 0; i < 100; ++i) queue_.Learn(10, absl::Milliseconds(100));
  }

  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);

  WriteQueue queue_{1000, std::numeric_limits<std::size_t>::max()};
};

TEST_F(WriteQueueTest, TakesAllCommandsWithoutMeasurements) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_THAT(Push(absl::Milliseconds(1)), IsOk());
  }
}

TEST_F(WriteQueueTest, RefusesCommandsThatWouldWaitTooLong) {
  for (int i = 0; i < 100; ++i) queue_.Learn(10, absl::Seconds(1));
  for (int i = 0; i < 10; ++i) ASSERT_THAT(Push(absl::Seconds(1)), IsOk());

  const absl::Status refused = Push(absl::Milliseconds(900));

  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(RetryDelayOf(refused), Optional(Ge(absl::Milliseconds(900))));
  EXPECT_THAT(Push(absl::Seconds(2)), IsOk());
  StoreStats stats;
  queue_.AddTo(stats);
  EXPECT_EQ(stats.queue_rejections, 1);
}

TEST_F(WriteQueueTest, TakesMoreAgainWhenCommandsAreQuick) {
  for (int i = 0; i < 100; ++i) queue_.Learn(1, absl::Seconds(1));
  ASSERT_THAT(Push(absl::Seconds(1)), IsOk());
  ASSERT_FALSE(Push(absl::Milliseconds(500)).ok());

  for (int i = 0; i < 100; ++i) queue_.Learn(100, absl::Milliseconds(1));

  EXPECT_THAT(Push(absl::Milliseconds(500)), IsOk());
}

TEST_F(WriteQueueTest, BurstMayWaitLong) {
  LearnSlowly();

  for (int i = 0; i < 90; ++i) EXPECT_THAT(Push(absl::Seconds(1)), IsOk());
}

TEST_F(WriteQueueTest, StandingQueueTakesOnlyCommandsWithAShortWait) {
  LearnSlowly();
  for (int i = 0; i < 90; ++i) ASSERT_THAT(Push(absl::Seconds(1)), IsOk());
  now_ += absl::Seconds(1);

  EXPECT_THAT(Push(absl::Seconds(1)),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(Push(absl::InfiniteDuration()), IsOk());

  // The limit is the time of four batches, 400 ms.
  for (int i = 0; i < 60; ++i) queue_.Pop();
  EXPECT_THAT(Push(absl::Seconds(1)), IsOk());
}

TEST_F(WriteQueueTest, QueueThatWasEmptyTakesBurstsAgain) {
  LearnSlowly();
  for (int i = 0; i < 90; ++i) ASSERT_THAT(Push(absl::Seconds(1)), IsOk());
  now_ += absl::Seconds(1);
  while (queue_.Pop()) {
  }

  for (int i = 0; i < 90; ++i) EXPECT_THAT(Push(absl::Seconds(1)), IsOk());
}

TEST_F(WriteQueueTest, OutageIsNotTakenForSlowness) {
  for (int i = 0; i < 100; ++i) queue_.Learn(1, absl::Milliseconds(5));

  queue_.Learn(1, absl::Seconds(60));

  for (int i = 0; i < 10; ++i) EXPECT_THAT(Push(absl::Seconds(1)), IsOk());
}

TEST_F(WriteQueueTest, TakesAllCommandsWhileTheDatabaseIsAway) {
  LearnSlowly();
  const auto push = [this](absl::Duration busy) {
    PendingWrite write{LikePhoto{}, {now_ + absl::Minutes(1)}, [](auto) {}, 1};
    return queue_.Push(write, now_, busy);
  };
  ASSERT_THAT(push(absl::ZeroDuration()), IsOk());

  for (int i = 0; i < 900; ++i) {
    now_ += absl::Milliseconds(10);
    ASSERT_THAT(push(absl::Seconds(1) + i * absl::Milliseconds(10)), IsOk());
  }

  // And until these have been run.
  for (int i = 0; i < 900; ++i) {
    now_ += absl::Milliseconds(10);
    queue_.Pop();
    ASSERT_THAT(push(absl::ZeroDuration()), IsOk());
  }
  for (int i = 0; i < 10; ++i) queue_.Pop();
  now_ += absl::Seconds(1);
  EXPECT_THAT(push(absl::ZeroDuration()),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(WriteQueueTest, GivesUpExpiredCommandsInEveryPosition) {
  for (const int seconds : {3, 1, 4, 2}) {
    PendingWrite write{
        LikePhoto{}, {now_ + absl::Seconds(seconds)}, [](auto) {}, 1};
    ASSERT_THAT(queue_.Push(write, absl::InfiniteDuration(), now_), IsOk());
  }

  EXPECT_EQ(queue_.TakeExpired(now_ + absl::Seconds(2)).size(), 2u);

  EXPECT_EQ(queue_.Pop()->options.deadline, now_ + absl::Seconds(3));
  EXPECT_EQ(queue_.Pop()->options.deadline, now_ + absl::Seconds(4));
  EXPECT_FALSE(queue_.Pop().has_value());
  StoreStats stats;
  queue_.AddTo(stats);
  EXPECT_EQ(stats.queue_bytes, 0);
}

}  // namespace
}  // namespace pinhole::store
