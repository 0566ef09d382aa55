// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "server/store/postgres/writes/attempt.h"
#include "server/store/postgres/writes/lane.h"
#include "server/store/queue/write_queue.h"
#include "server/store/store.h"

namespace pinhole::postgres {

// The thread of a lane, which runs queued commands.  Thread-safe.
class LaneThread {
 public:
  using Batch = std::vector<std::shared_ptr<Attempt>>;

  struct Options {
    Lane::Options lane;
    std::string name;  // Of the thread.
    std::size_t max_queued_commands = 0;
    std::size_t max_queued_bytes = 0;
    std::size_t max_batch = 1;
    // Called before a batch is run, with all commands that the thread has.
    std::function<void(const Batch& commands)> on_start;
    // Runs and answers a batch.  Returns the commands that are to be run again.
    std::function<Batch(Lane& lane, Batch batch)> run;
  };

  explicit LaneThread(Options options);
  ~LaneThread();

  LaneThread(const LaneThread&) = delete;
  LaneThread& operator=(const LaneThread&) = delete;

  void Submit(store::PendingWrite write);

  // Finishes the queued commands, and refuses later ones.  If the database does
  // not answer, commands fail after a grace period.
  void Stop();

  store::WriteQueue& queue() { return queue_; }
  const Lane& lane() const { return lane_; }

  // Adds the work of this lane.
  void AddTo(StoreStats& stats) const;
  // `batch_sizes()[i]` counts the batches of at most 2^i commands (1, 2, 4 ..
  // 256) that no smaller class counts.
  static constexpr int kBatchSizes = 9;
  std::array<std::int64_t, kBatchSizes> batch_sizes() const;

 private:
  void Run();
  // Takes commands from the queue.
  Batch Take();
  // For how long the batch in progress has been run.
  std::chrono::nanoseconds Busy() const;

  const Options options_;
  Lane lane_;
  store::WriteQueue queue_;

  AnswerCounts counts_;
  Histogram write_waits_{kDatabaseSeconds};
  // The start of the batch in progress; zero if idle.
  std::atomic<std::chrono::steady_clock::time_point> busy_since_{};
  mutable absl::Mutex mutex_;
  std::array<std::int64_t, kBatchSizes> batch_sizes_
      ABSL_GUARDED_BY(mutex_) = {};
  absl::Notification ended_;
  std::thread thread_;  // Last: uses the other members.
};

}  // namespace pinhole::postgres
