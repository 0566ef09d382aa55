// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/monitor/monitor.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/db/backoff.h"
#include "server/store/postgres/db/postgres_error.h"
#include "server/store/postgres/monitor/space.h"
#include "server/store/postgres/schema/schema.h"
#include "server/store/postgres/schema/steps.h"

namespace pinhole::postgres {
namespace {

bool IsUnsupported(const absl::Status& status) {
  return status.code() == absl::StatusCode::kFailedPrecondition;
}

// The error itself names another file after each attempt.
std::string NoSpace(const Connection& db) {
  return fmt::format("a table on {} cannot grow: no space is left",
                     db.server());
}

}  // namespace

Monitor::Monitor(Options options)
    : options_(std::move(options)),
      wake_(eventfd(0, EFD_CLOEXEC)),
      thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), "store-monitor");
}

Monitor::~Monitor() {
  Stop();
  close(wake_);
}

absl::Status Monitor::WaitForFirstAttempt(absl::Duration patience) {
  const absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&tried_), patience);
  return first_attempt_;
}

Health Monitor::health() const {
  const absl::MutexLock lock(&mutex_);
  return health_;
}

RowCounts Monitor::rows() const {
  const absl::MutexLock lock(&mutex_);
  return rows_;
}

void Monitor::Stop() {
  {
    const absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  const std::uint64_t one = 1;
  (void)!write(wake_, &one, sizeof(one));
  if (thread_.joinable()) thread_.join();
}

void Monitor::Run() {
  Backoff backoff;
  do {
    const absl::Status failure = Watch();
    if (health().ready()) backoff = Backoff();
    if (failure.ok()) return;  // Stopped.
    SetHealth(Diagnose(failure));
    const absl::MutexLock lock(&mutex_);
    if (!std::exchange(tried_, true)) first_attempt_ = failure;
  } while (Wait(backoff.Next()));
}

absl::Status Monitor::Watch() {
  ASSIGN_OR_RETURN(
      const std::unique_ptr<Connection> db,
      Connection::Open({.uri = options_.uri,
                        .kind = ConnectionKind::kMonitor,
                        .application_name = options_.application_name}));
  if (db->server_version() < options_.min_server_version) {
    return absl::FailedPreconditionError(fmt::format(
        "the database must be PostgreSQL {} or newer, but {} has version {}; "
        "upgrade PostgreSQL",
        options_.min_server_version / 10000, db->server(),
        db->server_version() / 10000));
  }
  check_space_ = true;
  RETURN_IF_ERROR(UpgradeTables(*db));
  RETURN_IF_ERROR(CountRows(*db));
  if (!prepared_) {
    ASSIGN_OR_RETURN(std::string secret, ReadSecret(*db));
    options_.on_prepared(std::move(secret));
    prepared_ = true;
  }
  RETURN_IF_ERROR(db->Execute(fmt::format("LISTEN {}", kPhotosChannel)));
  RETURN_IF_ERROR(Poll(*db));
  {
    const absl::MutexLock lock(&mutex_);
    tried_ = true;
  }
  options_.on_photo_published();
  absl::Time next_poll = absl::Now() + options_.interval;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<std::string> channels,
                     db->WaitForNotifications(next_poll - absl::Now(), wake_));
    {
      const absl::MutexLock lock(&mutex_);
      if (stopped_) return absl::OkStatus();
    }
    if (!channels.empty()) options_.on_photo_published();
    if (absl::Now() < next_poll) continue;
    RETURN_IF_ERROR(Poll(*db));
    if (absl::Now() >= counted_ + options_.count_interval) {
      RETURN_IF_ERROR(CountRows(*db));
    }
    next_poll = absl::Now() + options_.interval;
  }
}

absl::Status Monitor::UpgradeTables(Connection& db) {
  ASSIGN_OR_RETURN(const SchemaVersion found, ReadSchemaVersion(db));
  if (static_cast<std::size_t>(found.version) >= SchemaSteps().size()) {
    return Migrate(db);  // Only checks the version.
  }
  ASSIGN_OR_RETURN(
      const std::unique_ptr<Connection> writer,
      Connection::Open({.uri = options_.uri,
                        .kind = ConnectionKind::kUpgrade,
                        .application_name = options_.application_name}));
  return Migrate(*writer);
}

absl::Status Monitor::Poll(Connection& db) {
  if (options_.node != nullptr) RETURN_IF_ERROR(db.SetNode(*options_.node));
  static const Statement kPoll(
      "SELECT current_setting('default_transaction_read_only') = 'on',"
      " current_setting('synchronous_standby_names') <> '' AND"
      " current_setting('synchronous_commit') NOT IN ('off', 'local'),"
      " (SELECT CASE WHEN count(*) > count(state) THEN -1 ELSE"
      "  count(*) FILTER (WHERE state = 'streaming' AND"
      "                   sync_state IN ('sync', 'quorum')) END"
      "  FROM pg_stat_replication),"
      " version, min_server FROM schema");
  ASSIGN_OR_RETURN(const Result result, db.Query(kPoll));
  const Row row = result[0];
  Health health;
  health.state = Health::State::kReady;
  health.server_version = db.server_version();
  health.waits_for_standby = row.Bool(1);
  health.synchronous_standbys = row.Int32(2);
  health.schema_version = row.Int32(3);
  if (row.Bool(0)) {
    health.state = Health::State::kReadOnly;
    health.detail = fmt::format(
        "{} is read-only (default_transaction_read_only)", db.server());
  }
  if (row.Int(4) > static_cast<std::int64_t>(SchemaSteps().size())) {
    // Returns the error that explains it.
    RETURN_IF_ERROR(Migrate(db));
  }
  if (options_.take_disk_full && options_.take_disk_full()) check_space_ = true;
  if (health.ready() && check_space_) {
    const absl::Status space = CheckSpace(db);
    if (db.lost()) return space;
    check_space_ = IsDiskFull(space);
    if (check_space_) {
      health.state = Health::State::kFull;
      health.detail = NoSpace(db);
    }
  }
  SetHealth(std::move(health));
  return absl::OkStatus();
}

absl::Status Monitor::CountRows(Connection& db) {
  // Counting a table with many rows would take long.
  const auto count = [](const char* table) {
    return fmt::format(
        "(SELECT CASE WHEN reltuples > 1e6 THEN reltuples::bigint ELSE "
        "(SELECT count(*) FROM {0}) END FROM pg_class "
        "WHERE oid = '{0}'::regclass)",
        table);
  };
  static const Statement kCount(fmt::format(
      "SELECT {}, {}, {}", count("users"), count("photos"), count("sessions")));
  ASSIGN_OR_RETURN(const Result result, db.Query(kCount));
  counted_ = absl::Now();
  const Row row = result[0];
  const absl::MutexLock lock(&mutex_);
  rows_ = {row.Int(0), row.Int(1), row.Int(2)};
  return absl::OkStatus();
}

void Monitor::SetHealth(Health health) {
  bool changed;
  {
    const absl::MutexLock lock(&mutex_);
    changed =
        health.state != health_.state || health.detail != health_.detail ||
        std::string_view(DurabilityTextOf(health)) != DurabilityTextOf(health_);
    if (health.server_version == 0) {
      health.server_version = health_.server_version;
    }
    if (health.schema_version == 0) {
      health.schema_version = health_.schema_version;
    }
  }
  // First, so that whoever sees the new health sees its effects, too.
  if (changed) options_.on_health(health);
  const absl::MutexLock lock(&mutex_);
  health_ = std::move(health);
}

Health Monitor::Diagnose(const absl::Status& failure) const {
  Health health;
  health.detail = std::string(failure.message());
  if (IsUnsupported(failure)) {
    health.state = Health::State::kUnsupported;
    return health;
  }
  health.state = Health::State::kUnreachable;
  const auto db =
      Connection::Open({.uri = options_.uri,
                        .kind = ConnectionKind::kDiagnosis,
                        .application_name = options_.application_name});
  if (!db.ok()) return health;
  const auto result = (*db)->QueryOnce(
      "SELECT pg_is_in_recovery(),"
      " current_setting('default_transaction_read_only') = 'on'");
  if (!result.ok()) return health;
  const Row row = (*result)[0];
  health.server_version = (*db)->server_version();
  if (IsDiskFull(failure)) {
    health.state = Health::State::kFull;
    health.detail = NoSpace(**db);
  }
  if (row.Bool(0)) {
    health.state = Health::State::kInRecovery;
    health.detail =
        fmt::format("{} is a standby, and no primary accepts connections: {}",
                    (*db)->server(), std::string(failure.message()));
  } else if (row.Bool(1)) {
    health.state = Health::State::kReadOnly;
    health.detail = fmt::format(
        "{} is read-only (default_transaction_read_only)", (*db)->server());
  }
  return health;
}

bool Monitor::Wait(absl::Duration time) {
  const absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&stopped_), time);
  return !stopped_;
}

}  // namespace pinhole::postgres
