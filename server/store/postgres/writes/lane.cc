// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/lane.h"

#include <algorithm>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "server/store/postgres/db/postgres_error.h"
#include "server/store/postgres/db/transaction.h"
#include "server/store/postgres/reads/fixed_plans.h"
#include "server/store/postgres/writes/advisory_locks.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {
namespace {

constexpr absl::Duration kFirstBackoff = absl::Milliseconds(20);
constexpr absl::Duration kLastBackoff = absl::Milliseconds(500);
constexpr absl::Duration kConflictBackoff = absl::Milliseconds(2);
// A transaction that loses this many connections in a row may be the cause.
constexpr int kMaxLosses = 20;
constexpr absl::Duration kKeepWriters = absl::Hours(30 * 24);

// Locks the row until the end of the transaction.
const Statement kNumber(
    "INSERT INTO writers (instance, lane, node, last_id, batch, time) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (instance, lane) DO UPDATE "
    "SET node = excluded.node, last_id = excluded.last_id, "
    "batch = excluded.batch, time = excluded.time");

absl::Status Dropped() {
  return absl::CancelledError("the deadline of a command passed");
}

absl::Status OutcomeUnknown() {
  return MakeError(
      Reason::kOutcomeUnknown,
      "the store was closed while the database was committing the write; its "
      "outcome is unknown");
}

template <typename Condition>
bool AnyOf(Lane::Attempts attempts, Condition condition) {
  return std::any_of(attempts.begin(), attempts.end(), condition);
}

bool IsDropped(const std::shared_ptr<Attempt>& attempt) {
  return attempt->dropped();
}

bool CannotWait(const std::shared_ptr<Attempt>& attempt) {
  return !attempt->can_wait();
}

void RollBack(Lane::Attempts attempts) {
  for (const std::shared_ptr<Attempt>& attempt : attempts) {
    attempt->RolledBack();
  }
}

}  // namespace

Lane::Lane(Options options) : options_(std::move(options)) {}

Lane::~Lane() { Close(); }

void Lane::Close() {
  // PostgreSQL notices the end of a connection a moment later.
  if (db_ != nullptr && !db_->lost()) {
    (void)db_->QueryOnce("SELECT pg_advisory_unlock_all()");
  }
  Disconnect(store::StoreClosed());
}

absl::Status Lane::Connect() {
  absl::StatusOr<std::unique_ptr<Connection>> db =
      Connection::Open({.uri = options_.uri,
                        .kind = ConnectionKind::kWriter,
                        .application_name = options_.application_name});
  absl::Status status = db.status();
  if (status.ok()) status = FixPlans(**db);
  if (status.ok()) status = TakeNode(**db);
  const absl::MutexLock lock(&mutex_);
  state_ = status;
  if (status.ok()) {
    if (connected_) ++stats_.reconnects;
    connected_ = true;
    db_ = *std::move(db);
  }
  return status;
}

absl::Status Lane::TakeNode(Connection& db) {
  // Each lane has nodes of its own, so that the nodes of the first server do
  // not depend on the order in which its lanes connect.
  static const Statement kTake(
      "SELECT n FROM generate_series($2::integer, $3::integer - 1, $4::integer)"
      " n WHERE pg_try_advisory_lock($1::integer, n) LIMIT 1");
  static const Statement kLastId(
      "SELECT coalesce(max(last_id), 0) FROM writers WHERE node = $1");
  static const Statement kForget("DELETE FROM writers WHERE time < $1");
  ASSIGN_OR_RETURN(
      const Result taken,
      db.Query(kTake, kNodeLock, static_cast<std::int32_t>(options_.number),
               std::int32_t{store::IdSequence::kNodes}, std::int32_t{kLanes}));
  if (taken.empty()) {
    return MakeError(Reason::kStorageUnavailable,
                     "the database has too many writers");
  }
  const std::int32_t node = taken[0].Int32(0);
  ASSIGN_OR_RETURN(const Result last, db.Query(kLastId, node));
  std::int64_t last_id = last[0].Int(0);
  if (ids_) last_id = std::max(last_id, ids_->last());
  ids_.emplace(last_id, node);
  RETURN_IF_ERROR(db.SetNode(node));
  if (options_.on_node) options_.on_node(node);
  return db.Query(kForget, options_.clock->Now() - kKeepWriters).status();
}

absl::Status Lane::Run(Attempts attempts, int tries, Work work) {
  int losses = 0;
  while (true) {
    if (AnyOf(attempts, IsDropped)) return Dropped();
    if (db_ == nullptr) RETURN_IF_ERROR(Reconnect(attempts));
    absl::Status status = RunOnce(attempts, work);
    if (status.ok()) return status;
    if (IsConnectionLost(status)) {
      if (++losses == kMaxLosses) return status;
    } else if (IsConflict(status) || IsConstraintViolation(status)) {
      const bool can_wait = IsConflict(status) && !AnyOf(attempts, CannotWait);
      if (can_wait || --tries <= 0) return status;
      Wait(kConflictBackoff);
    } else {
      return status;
    }
  }
}

absl::Status Lane::RunOnce(Attempts attempts, Work work) {
  const std::int64_t number = ++number_;
  bool sent = false;  // The COMMIT.
  absl::Status status;
  {
    const Transaction transaction(*db_);
    status = RunOpen(attempts, work, number, sent);
  }
  const std::int64_t queries = db_->TakeQueries();
  if (!status.ok() && (IsConnectionLost(status) || db_->lost())) {
    Disconnect(status);
    // The work can have replaced the error.
    if (!IsConnectionLost(status)) {
      status = ConnectionLost(std::string(status.message()));
    }
    if (sent && !IsReadOnly(status)) status = Settle(number, status);
  }
  if (!status.ok()) RollBack(attempts);
  if (IsDiskFull(status) && options_.on_disk_full) options_.on_disk_full();
  const absl::MutexLock lock(&mutex_);
  stats_.queries += queries;
  ++(status.ok() ? stats_.commits : stats_.rollbacks);
  if (IsConflict(status)) ++stats_.conflicts;
  return status;
}

absl::Status Lane::RunOpen(Attempts attempts, Work work, std::int64_t number,
                           bool& sent) {
  const absl::Time now = AsStored(options_.clock->Now());
  Pipeline pipeline(*db_);
  pipeline.Add(kBegin);
  pipeline.Add(kNumber, options_.instance,
               static_cast<std::int32_t>(options_.number),
               static_cast<std::int32_t>(ids_->node()),
               ids_->Bound(now, WriteTransaction::kMaxIds), number, now);
  WriteTransaction transaction{*db_, pipeline, *ids_, *options_.clock, now};
  RETURN_IF_ERROR(work(transaction));
  for (const std::shared_ptr<Attempt>& attempt : attempts) {
    if (!attempt->BeginCommit()) return Dropped();
  }
  const auto start = CallTiming::Clock::now();
  for (const std::shared_ptr<Attempt>& attempt : attempts) {
    attempt->Enter(CallPhase::kCommit, start);
  }
  pipeline.Add(kCommit);
  db_->TakeWarnings();
  sent = true;
  RETURN_IF_ERROR(pipeline.Flush().status());
  // PostgreSQL warns if it stops waiting for the standby.
  const std::vector<std::string> warnings = db_->TakeWarnings();
  if (!warnings.empty()) return ConnectionLost(warnings.front());
  commit_times_.Observe(CallTiming::Clock::now() - start);
  return absl::OkStatus();
}

absl::Status Lane::Settle(std::int64_t number, const absl::Status& cause) {
  // Waits for the end of the transaction that has locked the row, also if the
  // row is new.  This statement is committed later than that transaction, so it
  // also waits until the standby has it.
  static const Statement kSettle(
      "INSERT INTO writers (instance, lane, node, last_id, batch, time) "
      "VALUES ($1, $2, $3, 0, 0, $4) ON CONFLICT (instance, lane) DO UPDATE "
      "SET node = excluded.node, time = excluded.time RETURNING batch");
  while (true) {
    if (db_ == nullptr && !Reconnect({}).ok()) return OutcomeUnknown();
    absl::StatusOr<Result> row = db_->Query(
        kSettle, options_.instance, static_cast<std::int32_t>(options_.number),
        static_cast<std::int32_t>(ids_->node()), options_.clock->Now());
    if (row.ok() && db_->TakeWarnings().empty()) {
      const bool committed = (*row)[0].Int(0) == number;
      const absl::MutexLock lock(&mutex_);
      ++(committed ? stats_.settled_committed : stats_.settled_lost);
      return committed ? absl::OkStatus() : cause;
    }
    if (!row.ok() && !IsConflict(row.status())) Disconnect(row.status());
    Wait(kFirstBackoff);
    const absl::MutexLock lock(&mutex_);
    if (stopped_) return OutcomeUnknown();
  }
}

absl::Status Lane::Reconnect(Attempts attempts) {
  absl::Duration backoff = kFirstBackoff;
  while (true) {
    {
      const absl::MutexLock lock(&mutex_);
      if (stopped_) return store::StoreClosed();
    }
    if (AnyOf(attempts, IsDropped)) return Dropped();
    if (Connect().ok()) return absl::OkStatus();
    Wait(backoff);
    backoff = std::min(2 * backoff, kLastBackoff);
  }
}

void Lane::Disconnect(const absl::Status& cause) {
  std::unique_ptr<Connection> lost;
  const absl::MutexLock lock(&mutex_);
  state_ = cause;
  lost = std::move(db_);
}

void Lane::Wait(absl::Duration time) {
  const absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&stopped_), time);
}

void Lane::Stop() {
  const absl::MutexLock lock(&mutex_);
  stopped_ = true;
}

void Lane::Interrupt() {
  const absl::MutexLock lock(&mutex_);
  if (db_ != nullptr) db_->Interrupt();
}

absl::Status Lane::state() const {
  const absl::MutexLock lock(&mutex_);
  return state_;
}

LaneStats Lane::Stats() const {
  const absl::MutexLock lock(&mutex_);
  LaneStats stats = stats_;
  stats.commit_times = commit_times_.Read();
  return stats;
}

}  // namespace pinhole::postgres
