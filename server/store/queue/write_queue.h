// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/store/store.h"

namespace pinhole::store {

// A command that waits for the writer.
struct PendingWrite {
  Command command;
  WriteOptions options;
  Store::Done done;
  std::size_t bytes = 0;
  std::chrono::steady_clock::time_point submit_time = {};
};

inline bool IsExpired(const WriteOptions& options, absl::Time now) {
  return options.deadline != absl::InfiniteFuture() && now >= options.deadline;
}

// The bounded queue in front of the writer.  Thread-safe.
class WriteQueue {
 public:
  enum class Wake { kWork, kTimeout, kNudge, kClosed };

  WriteQueue(std::size_t max_commands, std::size_t max_bytes);

  // Takes `write` if there is room and it will be run within `patience`, as
  // estimated from recent batches.  A burst can wait that long; a queue that
  // has been standing for a while means overload, and then only commands with a
  // short wait are taken, since a longer queue delays all and serves none
  // sooner.  (The "controlled delay" of B. Maurer, Fail at Scale, ACM Queue
  // 13/8, 2015.) With infinite patience `write` is refused only if there is no
  // room.  Errors leave `write` unchanged: RESOURCE_EXHAUSTED (with a retry
  // delay), or the reason given to `Close`.
  absl::Status Push(PendingWrite& write, absl::Duration patience,
                    absl::Time now);
  // As above; the patience is what the deadline leaves, but at most a second.
  // Commands without a deadline wait, and the writer answers expired ones.
  //
  // `busy` is how long the writer has been at its batch.  If that is much
  // longer than usual, it waits for a database that is away, and then nobody
  // knows how long commands will wait: patience is infinite until all of these
  // are done.
  absl::Status Push(PendingWrite& write, absl::Time now,
                    absl::Duration busy = absl::ZeroDuration());

  // Reports that a batch of `count` commands took `time`, commit included.  A
  // much longer time than usual counts only in part.
  void Learn(std::size_t count, absl::Duration time);

  // Waits until there is work, `timeout` has passed, `Nudge` was called, or the
  // queue is closed and empty.
  Wake Wait(absl::Duration timeout);
  // Waits until `count` writes are queued, `timeout` has passed, or the queue
  // is closed.
  void WaitFor(std::size_t count, absl::Duration timeout);
  // Ends the current or the next `Wait`.
  void Nudge();
  std::optional<PendingWrite> Pop();
  // Removes all writes whose deadline has passed, in whatever position.
  std::vector<PendingWrite> TakeExpired(absl::Time now);

  // Makes `Push` return `reason`.  Later calls have no effect.
  void Close(absl::Status reason);

  void AddTo(StoreStats& stats) const;

 private:
  // `Push` without locking.
  absl::Status Add(PendingWrite& write, absl::Duration patience, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // A batch that takes longer waits for something.
  absl::Duration LongestBatch() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The maximum for `wait`.
  absl::Duration Limit(absl::Duration wait, absl::Duration patience,
                       absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::size_t max_commands_;
  const std::size_t max_bytes_;
  mutable absl::Mutex mutex_;
  std::deque<PendingWrite> writes_ ABSL_GUARDED_BY(mutex_);
  std::size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::int64_t rejections_ ABSL_GUARDED_BY(mutex_) = 0;
  // How many of `writes_` came while the database was away, or before that.
  std::size_t backlog_ ABSL_GUARDED_BY(mutex_) = 0;
  // Moving averages.
  absl::Duration command_time_ ABSL_GUARDED_BY(mutex_);
  absl::Duration batch_time_ ABSL_GUARDED_BY(mutex_);
  // The last time the queue was almost empty.
  absl::Time stands_since_ ABSL_GUARDED_BY(mutex_);
  bool nudged_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status closed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::store
