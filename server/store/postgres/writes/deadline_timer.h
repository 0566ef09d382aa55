// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "server/store/postgres/writes/attempt.h"
#include "server/store/postgres/writes/lane.h"
#include "server/store/queue/write_queue.h"

namespace pinhole::postgres {

// Answers commands whose deadline passes while their lane waits for the
// database, within a tenth of a second.  Thread-safe.
class DeadlineTimer {
 public:
  static constexpr int kLanes = Lane::kLanes;

  // `queues[i]` is the queue of lane i.  They and `clock` must outlive the
  // timer.
  DeadlineTimer(const Clock& clock,
                std::array<store::WriteQueue*, kLanes> queues);
  ~DeadlineTimer();

  DeadlineTimer(const DeadlineTimer&) = delete;
  DeadlineTimer& operator=(const DeadlineTimer&) = delete;

  // Sets the commands that the lane runs.
  void Watch(int lane, std::vector<std::shared_ptr<Attempt>> attempts);

  // The number of queued commands that the timer answered.
  std::int64_t expired() const { return expired_; }

 private:
  void Run();
  void AnswerExpired();

  const Clock& clock_;
  const std::array<store::WriteQueue*, kLanes> queues_;
  std::atomic<std::int64_t> expired_ = 0;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::array<std::vector<std::shared_ptr<Attempt>>, kLanes> running_
      ABSL_GUARDED_BY(mutex_);
  std::thread thread_;  // Last: uses the other members.
};

}  // namespace pinhole::postgres
