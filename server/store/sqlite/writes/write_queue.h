// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_WRITES_WRITE_QUEUE_H_
#define PINHOLE_SERVER_STORE_SQLITE_WRITES_WRITE_QUEUE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/store/sqlite/db/sqlite_stats.h"
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

// The bounded queue in front of the writer.  Thread-safe.
class WriteQueue {
 public:
  enum class Wake { kWork, kTimeout, kNudge, kClosed };

  WriteQueue(std::size_t max_commands, std::size_t max_bytes);

  // Takes `write` if there is room and it will be run within `patience`, by
  // what commands took lately.  A burst may wait as long as that; a queue that
  // has stood for a while is overload, and then only what waits shortly is
  // taken: in a longer queue all would wait and nobody be served sooner.  (The
  // "controlled delay" of B. Maurer, Fail at Scale, ACM Queue 13/8, 2015.)
  // Who has infinite patience is only refused for lack of room.
  // On an error `write` is as before: RESOURCE_EXHAUSTED (with a retry delay),
  // or what `Close` was given.
  absl::Status Push(PendingWrite& write, absl::Duration patience,
                    absl::Time now);

  // A batch of `count` commands took `time`, commit included.
  void Learn(std::size_t count, absl::Duration time);

  // Until there is work, `timeout` has passed, somebody nudged, or the queue is
  // closed and empty.
  Wake Wait(absl::Duration timeout);
  // Ends a `Wait`, this one or the next: there is something else to do.
  void Nudge();
  std::optional<PendingWrite> Pop();

  // From now on `Push` answers `reason`.  The first reason stays.
  void Close(absl::Status reason);

  // Fills in the numbers about the queue.
  void AddTo(SqliteStats& stats) const;

 private:
  // How long `wait` may be at most.
  absl::Duration Limit(absl::Duration wait, absl::Duration patience,
                       absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::size_t max_commands_;
  const std::size_t max_bytes_;
  mutable absl::Mutex mutex_;
  std::deque<PendingWrite> writes_ ABSL_GUARDED_BY(mutex_);
  std::size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::int64_t rejections_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration usual_time_ ABSL_GUARDED_BY(mutex_);  // Of one command.
  absl::Duration batch_time_ ABSL_GUARDED_BY(mutex_);  // The usual one.
  // When the queue was last next to empty.
  absl::Time stands_since_ ABSL_GUARDED_BY(mutex_);
  bool nudged_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status closed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_WRITES_WRITE_QUEUE_H_
