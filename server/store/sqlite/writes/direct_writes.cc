// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/writes/direct_writes.h"

#include <chrono>
#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/db/sqlite_error.h"
#include "server/store/sqlite/writes/run_command.h"
#include "server/store/store_errors.h"

namespace pinhole::store {
namespace {

constexpr int kThreads = 4;
constexpr std::size_t kMaxQueued = 4096;
constexpr int kTries = 5;
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(10);

bool IsBusy(const absl::Status& status) {
  return ReasonOf(status) == Reason::kDatabaseBusy;
}

}  // namespace

DirectWrites::DirectWrites(Options options, OnCommit on_commit)
    : options_(std::move(options)),
      on_commit_(std::move(on_commit)),
      connections_({.open =
                        [this] {
                          auto db = Connection::OpenWriter(
                              options_.path, options_.wait_when_busy);
                          db->ConfigureWriter(Journal::kRollback);
                          return db;
                        },
                    .size = kThreads,
                    .keep = options_.reuse_connections}),
      threads_({.name = "store-direct",
                .threads = kThreads,
                .max_queue = kMaxQueued}) {}

DirectWrites::~DirectWrites() { Stop(); }

void DirectWrites::Submit(Command command, WriteOptions options,
                          Store::Done done) {
  {
    const absl::MutexLock lock(&mutex_);
    if (!stopped_) ++under_way_;
    if (stopped_) return done(StoreClosed());
  }
  // Shared by the queued work and the refusal below.
  auto shared = std::make_shared<PendingWrite>(
      PendingWrite{std::move(command), options, std::move(done), 0,
                   std::chrono::steady_clock::now()});
  const bool accepted = threads_.Submit([this, shared] {
    absl::StatusOr<CommandResult> result = Run(*shared);
    Count(result.status());
    shared->done(std::move(result));
  });
  if (accepted) return;
  const absl::Status refused = WithRetryDelay(
      MakeError(Reason::kWriteQueueFull,
                "too many writes are waiting; retry in a moment"),
      absl::Milliseconds(250));
  Count(refused);
  shared->done(refused);
}

void DirectWrites::CopyTo(std::filesystem::path, std::stop_token,
                          BackgroundCopy::Done done) {
  done(MakeError(
      Reason::kBackupUnsupported,
      "a server that runs with --writes direct makes no backups; restart it "
      "without this option"));
}

void DirectWrites::Stop() {
  const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return under_way_ == 0;
  };
  {
    const absl::MutexLock lock(&mutex_);
    stopped_ = true;
    mutex_.Await(absl::Condition(&idle));
  }
  connections_.Close();
}

void DirectWrites::AddTo(SqliteStats& stats) const {
  const absl::MutexLock lock(&mutex_);
  stats = stats_;
  stats.write_waits = write_waits_.Read();
  stats.commit_times = commit_times_.Read();
  stats.log_sync_times = sync_times_.OfLog();
  stats.database_sync_times = sync_times_.OfDatabase();
  stats.queue_depth = static_cast<std::int64_t>(threads_.queued());
}

absl::StatusOr<CommandResult> DirectWrites::Run(const PendingWrite& write) {
  absl::Duration backoff = kFirstBackoff;
  for (int tries = 1;; ++tries) {
    if (IsExpired(write.options, options_.clock->Now())) {
      return WriteExpired();
    }
    absl::StatusOr<CommandResult> result = RunOnce(write);
    if (!IsBusy(result.status())) return result;
    if (!options_.wait_when_busy || tries == kTries) return result;
    {
      const absl::MutexLock lock(&mutex_);
      ++stats_.busy_retries;
    }
    if (CallTiming* parts = write.options.parts)
      parts->Enter(CallPhase::kWriteWait);
    absl::SleepFor(backoff);
    backoff *= 2;
  }
}

absl::StatusOr<CommandResult> DirectWrites::RunOnce(const PendingWrite& write) {
  const ConnectionPool::Lease lease = connections_.Borrow();
  Connection* db = nullptr;
  auto result = Guard([&]() -> absl::StatusOr<CommandResult> {
    db = &*lease;
    return RunOn(*db, write);
  });
  if (db != nullptr) db->Rollback();  // Does nothing after a commit.
  return result;
}

absl::StatusOr<CommandResult> DirectWrites::RunOn(Connection& db,
                                                  const PendingWrite& write) {
  static const Sql kBegin("BEGIN IMMEDIATE");
  static const Sql kLastId("SELECT last_id FROM meta");
  static const Sql kSaveId("UPDATE meta SET last_id = ?1");
  Query(db, kBegin).Run();
  const auto begun = std::chrono::steady_clock::now();
  write_waits_.Observe(begun - write.submit_time);
  if (CallTiming* parts = write.options.parts)
    parts->Enter(CallPhase::kWrite, begun);
  std::int64_t last_id = 0;
  {
    Query query(db, kLastId);
    query.Next();
    last_id = query.Int(0);
  }
  IdSequence ids(last_id);
  Changes changes;
  WriteTransaction transaction{db, ids, options_.clock->Now(), changes};
  ASSIGN_OR_RETURN(CommandResult result,
                   RunCommand(transaction, write.command));
  if (ids.last() != last_id) Query(db, kSaveId, ids.last()).Run();
  RETURN_IF_ERROR(Commit(db, changes, write.options.parts));
  const std::chrono::duration<double> held =
      std::chrono::steady_clock::now() - begun;
  const absl::MutexLock lock(&mutex_);
  stats_.busy_seconds += held.count();
  stats_.write_queries += db.TakeQueries();
  return result;
}

absl::Status DirectWrites::Commit(Connection& db, const Changes& changes,
                                  CallTiming* parts) {
  static const Sql kCommit("COMMIT");
  const absl::MutexLock in_order(&commit_);
  const auto start = std::chrono::steady_clock::now();
  SyncWatch syncs(sync_times_);
  const absl::Status committed = CatchSqlite([&] { Query(db, kCommit).Run(); });
  EnterCommit(parts, start, syncs.spent());
  if (committed.ok()) {
    commit_times_.Observe(std::chrono::steady_clock::now() - start);
    on_commit_(changes);
    return committed;
  }
  const bool refused =
      IsBusy(committed) || absl::IsResourceExhausted(committed);
  return refused ? committed : OutcomeUnknown(committed);
}

void DirectWrites::Count(const absl::Status& result) {
  const absl::MutexLock lock(&mutex_);
  --under_way_;
  const bool expired = absl::IsDeadlineExceeded(result);
  if (expired) ++stats_.commands_expired;
  if (!expired) ++stats_.commands;
  if (!expired && !result.ok()) ++stats_.commands_failed;
  if (result.ok()) ++stats_.commits;
  if (result.ok()) ++stats_.batch_sizes[0];
  if (IsBusy(result)) ++stats_.busy_errors;
}

}  // namespace pinhole::store
