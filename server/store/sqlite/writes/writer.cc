// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/writes/writer.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/errors.h"
#include "server/store/queue/command_size.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/db/sqlite_error.h"
#include "server/store/sqlite/writes/run_command.h"
#include "server/store/store_errors.h"

namespace pinhole::store {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMaxBatch = 256;
constexpr int kCheckpointFrames = 4000;  // 8 MB, about 12 ms.
// Readers kept a log of this length from being reset: wait for them.
constexpr int kTruncateFrames = 32'768;
constexpr int kTruncateWaitMs = 100;
constexpr int kBusyMs = 5000;
constexpr absl::Duration kIdle = absl::Milliseconds(200);

double SecondsSince(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

absl::Status DiskFailed() {
  return MakeError(
      Reason::kWritesStopped,
      "the disk failed and the server takes no more writes; see the server's "
      "log and restart the server");
}

int RememberFrames(void* frames, sqlite3*, const char*, int count) {
  *static_cast<int*>(frames) = count;
  return SQLITE_OK;
}

int BatchSizeBucket(std::size_t size) {
  int bucket = 0;
  while (bucket < SqliteStats::kBatchSizes - 1 &&
         size > (std::size_t{1} << bucket)) {
    ++bucket;
  }
  return bucket;
}

}  // namespace

Writer::Writer(std::unique_ptr<Connection> db, std::int64_t last_id,
               Options options, OnCommit on_commit)
    : options_(std::move(options)),
      on_commit_(std::move(on_commit)),
      queue_(options_.max_queued_commands, options_.max_queued_bytes),
      db_(std::move(db)),
      ids_(last_id),
      saved_id_(last_id) {
  sqlite3_wal_hook(db_->handle(), &RememberFrames, &wal_frames_);
  thread_ = std::thread([this] { Run(); });
}

Writer::~Writer() { Stop(); }

void Writer::Submit(Command command, WriteOptions options, Store::Done done) {
  const std::size_t bytes = SizeOf(command);
  PendingWrite write{std::move(command), options, std::move(done), bytes,
                     SteadyClock::now()};
  const absl::Status refused = queue_.Push(write, options_.clock->Now());
  if (!refused.ok()) write.done(refused);
}

void Writer::CopyTo(std::filesystem::path file, std::stop_token stop,
                    BackgroundCopy::Done done) {
  copy_.Request(std::move(file), std::move(stop), std::move(done));
  queue_.Nudge();
}

void Writer::Stop() {
  queue_.Close(StoreClosed());
  if (thread_.joinable()) thread_.join();
}

void Writer::CloseDatabase() {
  if (unhealthy_.ok()) Checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  db_.reset();
}

void Writer::AddTo(SqliteStats& stats) const {
  {
    const absl::MutexLock lock(&mutex_);
    stats = stats_;
  }
  stats.write_waits = write_waits_.Read();
  stats.commit_times = commit_times_.Read();
  stats.log_sync_times = sync_times_.OfLog();
  stats.database_sync_times = sync_times_.OfDatabase();
  const SteadyClock::time_point busy_since = busy_since_;
  if (busy_since != SteadyClock::time_point()) {
    stats.write_seconds_so_far = SecondsSince(busy_since);
  }
  queue_.AddTo(stats);
}

void Writer::Run() {
  pthread_setname_np(pthread_self(), "store-writer");
  while (true) {
    const WriteQueue::Wake wake = queue_.Wait(WaitTime());
    if (wake == WriteQueue::Wake::kClosed) break;
    busy_since_ = SteadyClock::now();
    if (wake == WriteQueue::Wake::kWork) {
      RunBatch();
      CheckpointIfDue();
    } else if (wake == WriteQueue::Wake::kTimeout && !copy_.wanted()) {
      Checkpoint(SQLITE_CHECKPOINT_PASSIVE);
    }
    copy_.Step(*db_);
    busy_since_ = SteadyClock::time_point();
  }
  copy_.Close(unhealthy_.ok() ? StoreClosed() : unhealthy_);
}

absl::Duration Writer::WaitTime() const {
  if (copy_.wanted()) return absl::ZeroDuration();
  return frames_to_checkpoint() == 0 ? absl::InfiniteDuration() : kIdle;
}

void Writer::RunBatch() {
  const auto start = SteadyClock::now();
  Batch batch;
  const absl::Status begun = unhealthy_.ok() ? Begin() : unhealthy_;
  if (!RunQueued(batch, begun)) {
    Recover(batch);
  } else if (begun.ok()) {
    const absl::Status committed = Commit(batch);
    for (Attempt& attempt : batch) {
      if (!committed.ok() && attempt.result.ok()) attempt.result = committed;
    }
  }
  const double seconds = SecondsSince(start);
  queue_.Learn(batch.size(), absl::Seconds(seconds));
  {
    const absl::MutexLock lock(&mutex_);
    stats_.busy_seconds += seconds;
  }
  Count(batch);
  Answer(std::move(batch));
}

bool Writer::RunQueued(Batch& batch, const absl::Status& begun) {
  const auto stop =
      SteadyClock::now() + absl::ToChronoNanoseconds(options_.max_batch_time);
  while (batch.size() < kMaxBatch) {
    const auto now = SteadyClock::now();
    if (now >= stop) break;
    std::optional<PendingWrite> write = queue_.Pop();
    if (!write) break;
    // A command that was queued since has not waited.
    write_waits_.Observe(
        std::max(now - write->submit_time, SteadyClock::duration::zero()));
    if (CallTiming* parts = write->options.parts)
      parts->Enter(CallPhase::kWrite, now);
    batch.push_back(Attempt{*std::move(write)});
    Attempt& attempt = batch.back();
    if (!begun.ok()) {
      attempt.result = begun;
    } else if (IsExpired(attempt.write.options, options_.clock->Now())) {
      attempt.settled = true;
      attempt.result = WriteExpired();
    } else if (!RunOne(attempt)) {
      return false;
    }
  }
  return true;
}

bool Writer::RunOne(Attempt& attempt) {
  static const Sql kSavepoint("SAVEPOINT command");
  static const Sql kRelease("RELEASE command");
  static const Sql kUndo("ROLLBACK TO command");
  const bool savepoint = NeedsSavepoint(attempt.write.command);
  const RowCounts rows = changes_.rows;
  WriteTransaction transaction{*db_, ids_, options_.clock->Now(), changes_};
  const absl::Status broken = CatchSqlite([&] {
    if (savepoint) Query(*db_, kSavepoint).Run();
    attempt.result = RunCommand(transaction, attempt.write.command);
    if (savepoint && !attempt.result.ok()) Query(*db_, kUndo).Run();
    if (savepoint) Query(*db_, kRelease).Run();
  });
  if (broken.ok()) {
    if (!attempt.result.ok()) changes_.rows = rows;
    return true;
  }
  attempt.result = broken;
  changes_.rows = rows;
  attempt.settled = true;
  // Recorded changes that are undone would be wrong in cached feeds.
  changes_.everything = true;
  // In autocommit mode SQLite has rolled back the transaction by itself.
  if (!savepoint || db_->autocommit() || absl::IsDataLoss(broken)) return false;
  return CatchSqlite([&] {
           Query(*db_, kUndo).Run();
           Query(*db_, kRelease).Run();
         })
      .ok();
}

void Writer::Recover(Batch& batch) {
  Rollback();
  const absl::Status cause = batch.back().result.status();
  if (absl::IsDataLoss(cause)) TurnUnhealthy(cause);
  // On a full or damaged disk the other commands would fail too.
  const bool hopeless =
      absl::IsDataLoss(cause) || absl::IsResourceExhausted(cause);
  for (Attempt& attempt : batch) {
    if (attempt.settled) continue;
    if (hopeless) {
      attempt.result = cause;
    } else {
      RunAlone(attempt);
    }
  }
}

void Writer::RunAlone(Attempt& attempt) {
  absl::Status status = unhealthy_.ok() ? Begin() : unhealthy_;
  if (status.ok()) {
    if (!RunOne(attempt)) {
      Rollback();
      return;
    }
    status = Commit({&attempt, 1});
  }
  if (!status.ok()) attempt.result = status;
}

absl::Status Writer::Begin() {
  static const Sql kBegin("BEGIN IMMEDIATE");
  return CatchSqlite([&] { Query(*db_, kBegin).Run(); });
}

absl::Status Writer::Commit(std::span<const Attempt> attempts) {
  static const Sql kSaveId("UPDATE meta SET last_id = ?1");
  static const Sql kCommit("COMMIT");
  const std::int64_t last_id = ids_.last();
  if (last_id != saved_id_) {
    absl::Status saved =
        CatchSqlite([&] { Query(*db_, kSaveId, last_id).Run(); });
    if (!saved.ok()) {
      Rollback();
      return saved;
    }
  }
  const auto start = SteadyClock::now();
  SyncWatch syncs(sync_times_);
  absl::Status committed = CatchSqlite([&] { Query(*db_, kCommit).Run(); });
  for (const Attempt& attempt : attempts) {
    EnterCommit(attempt.write.options.parts, start, syncs.spent());
  }
  if (committed.ok()) {
    commit_times_.Observe(SteadyClock::now() - start);
    saved_id_ = last_id;
    on_commit_(std::exchange(changes_, Changes()));
    // Fewer than at the checkpoint: the log was reset.
    if (wal_frames_ < checkpointed_frames_) checkpointed_frames_ = 0;
    const absl::MutexLock lock(&mutex_);
    ++stats_.commits;
    stats_.wal_frames = wal_frames_;
    stats_.wal_frames_copied = checkpointed_frames_;
    return committed;
  }
  Rollback();
  // A log that did not fit on the disk has no commit record.
  if (absl::IsResourceExhausted(committed)) return committed;
  // After a failed sync the state of the disk is unknown, and another sync
  // would not tell.
  TurnUnhealthy(committed);
  return OutcomeUnknown(committed);
}

void Writer::Rollback() {
  db_->Rollback();
  changes_ = Changes();
  const absl::MutexLock lock(&mutex_);
  ++stats_.rollbacks;
}

void Writer::Answer(Batch batch) {
  for (Attempt& attempt : batch) {
    attempt.write.done(std::move(attempt.result));
  }
}

void Writer::Count(const Batch& batch) {
  const absl::MutexLock lock(&mutex_);
  for (const Attempt& attempt : batch) {
    const bool expired = absl::IsDeadlineExceeded(attempt.result.status());
    if (expired) ++stats_.commands_expired;
    if (!expired) ++stats_.commands;
    if (!expired && !attempt.result.ok()) ++stats_.commands_failed;
  }
  stats_.write_queries += db_->TakeQueries();
  ++stats_.batch_sizes[BatchSizeBucket(batch.size())];
}

void Writer::TurnUnhealthy(const absl::Status& cause) {
  if (!unhealthy_.ok()) return;
  unhealthy_ = absl::IsDataLoss(cause) ? cause : DiskFailed();
  queue_.Close(unhealthy_);
  {
    const absl::MutexLock lock(&mutex_);
    stats_.writable = false;
  }
  if (options_.on_unwritable) options_.on_unwritable(cause);
}

std::int64_t Writer::frames_to_checkpoint() const {
  return wal_frames_ - checkpointed_frames_;
}

void Writer::CheckpointIfDue() {
  if (wal_frames_ >= kTruncateFrames) {
    Checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  } else if (frames_to_checkpoint() >= kCheckpointFrames) {
    Checkpoint(SQLITE_CHECKPOINT_PASSIVE);
  }
}

void Writer::Checkpoint(int mode) {
  const auto start = SteadyClock::now();
  SyncWatch syncs(sync_times_);
  sqlite3_busy_timeout(db_->handle(), kTruncateWaitMs);
  int in_log = 0;
  int in_database = 0;
  const int code = sqlite3_wal_checkpoint_v2(db_->handle(), nullptr, mode,
                                             &in_log, &in_database);
  sqlite3_busy_timeout(db_->handle(), kBusyMs);
  // Negative after an error.
  wal_frames_ = std::max(in_log, 0);
  checkpointed_frames_ = std::max(in_database, 0);
  const absl::MutexLock lock(&mutex_);
  ++stats_.checkpoints;
  if (code != SQLITE_OK || in_database < in_log)
    ++stats_.checkpoints_incomplete;
  stats_.checkpoint_seconds += SecondsSince(start);
  stats_.wal_frames = wal_frames_;
  stats_.wal_frames_copied = checkpointed_frames_;
}

}  // namespace pinhole::store
