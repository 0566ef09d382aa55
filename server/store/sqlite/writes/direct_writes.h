// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/async/thread_pool.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "server/store/queue/write_queue.h"
#include "server/store/sqlite/db/connection_pool.h"
#include "server/store/sqlite/db/sync_times.h"
#include "server/store/sqlite/writes/writes.h"

namespace pinhole::store {

// Writes without the single writer, as a baseline for measurements: every
// command is a transaction of its own with a rollback journal, on one of a few
// threads that compete for the database lock.  As durable as Writer:
// synchronous=EXTRA.
class DirectWrites final : public Writes {
 public:
  struct Options {
    std::filesystem::path path;
    const Clock* clock = nullptr;  // Outlives this object.
    bool reuse_connections = true;
    bool wait_when_busy = true;  // And retry; off: UNAVAILABLE at once.
  };

  DirectWrites(Options options, OnCommit on_commit);
  ~DirectWrites() override;

  void Submit(Command command, WriteOptions options, Store::Done done) override;
  // FAILED_PRECONDITION: only the writer can copy while writes go on.
  void CopyTo(std::filesystem::path file, std::stop_token stop,
              BackgroundCopy::Done done) override;
  void Stop() override;
  void CloseDatabase() override {}
  void AddTo(SqliteStats& stats) const override;

 private:
  absl::StatusOr<CommandResult> Run(const PendingWrite& write);
  absl::StatusOr<CommandResult> RunOnce(const PendingWrite& write);
  // Runs the command in a transaction on `db` and commits it if it succeeds.
  absl::StatusOr<CommandResult> RunOn(Connection& db,
                                      const PendingWrite& write);
  absl::Status Commit(Connection& db, const Changes& changes,
                      CallTiming* parts);
  void Count(const absl::Status& result);

  const Options options_;
  const OnCommit on_commit_;
  ConnectionPool connections_;

  // Held from a commit until `on_commit_` returns, which must be called in the
  // order of the commits.
  absl::Mutex commit_;
  Histogram write_waits_{kDatabaseSeconds};
  Histogram commit_times_{kDatabaseSeconds};
  SyncTimes sync_times_;
  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  int under_way_ ABSL_GUARDED_BY(mutex_) = 0;
  SqliteStats stats_ ABSL_GUARDED_BY(mutex_);

  ThreadPool threads_;  // Last: uses the other members.
};

}  // namespace pinhole::store
