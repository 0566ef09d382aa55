// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "server/store/queue/write_queue.h"
#include "server/store/sqlite/db/changes.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/sync_times.h"
#include "server/store/sqlite/db/write_transaction.h"
#include "server/store/sqlite/file/background_copy.h"
#include "server/store/sqlite/writes/writes.h"

namespace pinhole::store {

// The only thread that changes the database.  It runs queued commands in
// batches; a batch is one transaction with one sync, and is answered
// afterwards.  No other connection commits or makes checkpoints: SQLite 3.7.0
// to 3.51.2 can lose commits if a checkpoint and a commit of another connection
// coincide.  Thread-safe.
class Writer final : public Writes {
 public:
  struct Options {
    const Clock* clock = nullptr;  // Must outlive the writer.
    std::size_t max_queued_commands = 0;
    std::size_t max_queued_bytes = 0;
    absl::Duration max_batch_time;
    std::function<void(const absl::Status& cause)> on_unwritable;
  };

  // `db` is configured and up to date; `last_id` is the last id in use.
  Writer(std::unique_ptr<Connection> db, std::int64_t last_id, Options options,
         OnCommit on_commit);
  ~Writer() override;

  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void Submit(Command command, WriteOptions options, Store::Done done) override;
  void CopyTo(std::filesystem::path file, std::stop_token stop,
              BackgroundCopy::Done done) override;
  // Finishes the queued commands, cancels a copy, and ends the thread.
  void Stop() override;
  // Makes a complete checkpoint.
  void CloseDatabase() override;
  void AddTo(SqliteStats& stats) const override;

 private:
  // A command of the batch and its result.
  struct Attempt {
    PendingWrite write;
    absl::StatusOr<CommandResult> result = absl::UnknownError("not run");
    bool settled =
        false;  // Must not be run again: expired, or broke the batch.
  };
  using Batch = std::vector<Attempt>;

  void Run();
  absl::Duration WaitTime() const;
  void RunBatch();
  // Runs queued commands inside the open transaction; false if an error made
  // the whole transaction unusable.
  bool RunQueued(Batch& batch, const absl::Status& begun);
  bool RunOne(Attempt& attempt);
  // Runs the commands of a lost batch again, one by one.
  void Recover(Batch& batch);
  void RunAlone(Attempt& attempt);
  absl::Status Begin();
  // Commits the open transaction with `attempts`.
  absl::Status Commit(std::span<const Attempt> attempts);
  void Rollback();
  void Answer(Batch batch);
  void Count(const Batch& batch);
  // Stops taking writes, because of a failed disk or a damaged database.
  void TurnUnhealthy(const absl::Status& cause);

  std::int64_t frames_to_checkpoint() const;
  void CheckpointIfDue();
  void Checkpoint(int mode);

  const Options options_;
  const OnCommit on_commit_;
  WriteQueue queue_;
  BackgroundCopy copy_;

  // Used by the writer's thread, and by `CloseDatabase` after it.
  std::unique_ptr<Connection> db_;
  IdSequence ids_;
  std::int64_t saved_id_;
  Changes changes_;              // Changes of the open transaction.
  int wal_frames_ = 0;           // Pages in the log.
  int checkpointed_frames_ = 0;  // Of these, pages copied to the database.
  absl::Status unhealthy_;

  Histogram write_waits_{kDatabaseSeconds};
  Histogram commit_times_{kDatabaseSeconds};
  SyncTimes sync_times_;
  // The start of the current work, which can wait for the disk; zero if idle.
  std::atomic<std::chrono::steady_clock::time_point> busy_since_{};
  mutable absl::Mutex mutex_;
  SqliteStats stats_ ABSL_GUARDED_BY(mutex_);

  std::thread thread_;  // Last: uses the other members.
};

}  // namespace pinhole::store
