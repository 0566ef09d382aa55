// SPDX-License-Identifier: Apache-2.0

#include "base/process/heartbeat.h"

#include <atomic>
#include <deque>
#include <functional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"

namespace pinhole {
namespace {

constexpr absl::Duration kShort = absl::Milliseconds(1);

// A loop that does nothing by itself.
class StuckLoop {
 public:
  Heartbeat::Post post() {
    return [this](std::function<void()> work) {
      const absl::MutexLock lock(&mutex_);
      queue_.push_back(std::move(work));
    };
  }
  // Waits until it was asked and runs what was.
  void RunOne() {
    std::function<void()> work;
    {
      const auto asked = [this] { return !queue_.empty(); };
      const absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&asked));
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }

 private:
  absl::Mutex mutex_;
  std::deque<std::function<void()>> queue_;
};

// Counts, and lets a test wait for a count.
class Beats {
 public:
  std::function<void()> counter() {
    return [this] {
      const absl::MutexLock lock(&mutex_);
      ++count_;
    };
  }
  int count() {
    const absl::MutexLock lock(&mutex_);
    return count_;
  }
  void AwaitCount(int count) {
    const auto reached = [this, count] { return count_ >= count; };
    const absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&reached));
  }

 private:
  absl::Mutex mutex_;
  int count_ = 0;
};

TEST(HeartbeatTest, BeatsOnAndOnWhileTheLoopsRun) {
  const auto running = [](const std::function<void()>& work) { work(); };
  Beats beats;

  const Heartbeat heartbeat({running, running}, kShort, beats.counter());

  beats.AwaitCount(5);
}

TEST(HeartbeatTest, EachBeatNeedsEveryLoop) {
  StuckLoop first;
  StuckLoop second;
  Beats beats;
  const Heartbeat heartbeat({first.post(), second.post()}, kShort,
                            beats.counter());
  first.RunOne();
  second.RunOne();
  beats.AwaitCount(1);

  first.RunOne();  // Of the second round, in which the other loop is stuck.

  EXPECT_EQ(beats.count(), 1);
  second.RunOne();
  beats.AwaitCount(2);
}

TEST(HeartbeatTest, EndsAlthoughALoopIsStuck) {
  StuckLoop loop;
  Beats beats;
  { const Heartbeat heartbeat({loop.post()}, absl::Hours(1), beats.counter()); }
  // It may have ended before it asked.
  EXPECT_EQ(beats.count(), 0);
}

TEST(HeartbeatTest, AnswerAfterTheEndIsNoHarm) {
  StuckLoop loop;
  Beats beats;
  {
    const Heartbeat heartbeat({loop.post()}, kShort, beats.counter());
    loop.RunOne();
    beats.AwaitCount(1);
    loop.RunOne();
    beats.AwaitCount(2);
    loop.RunOne();
  }
  EXPECT_GE(beats.count(), 2);
}

}  // namespace
}  // namespace pinhole
