// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/store/postgres/monitor/health.h"
#include "server/store/postgres/postgres_stats.h"
#include "server/store/store.h"

namespace pinhole {

namespace postgres {
class Monitor;
class PostgresGuessCounter;
}  // namespace postgres

struct PostgresOptions {
  // postgres://USER@HOST:PORT,HOST:PORT/DATABASE?NAME=VALUE, with the
  // parameters of libpq.  The database must exist; its tables are created.
  std::string uri;
  const Clock* clock = nullptr;  // Must outlive the store.
  // Shown in pg_stat_activity, followed by the number of the server's node, as
  // in "pinhole/7".
  std::string application_name = "pinhole";
  int readers = 8;  // Connections for reads.
  std::size_t max_waiting_reads = 1024;
  // How long reads are repeated while the database is not reachable.
  absl::Duration read_patience = absl::Seconds(30);
  // Of each of two queues: one for frequent commands, one for all others.
  std::size_t max_queued_commands = 4096;
  std::size_t max_queued_bytes = 32 << 20;
  // Refuse writes while no synchronous standby is connected, because an
  // answered write would be lost with the primary.
  bool require_synchronous_standby = false;
  // How long `OpenPostgresStore` waits for the end of the first attempt to
  // connect, which network failures can delay by seconds.
  absl::Duration first_attempt = absl::InfiniteDuration();

  // Both are called on a thread of the store and may be null.  The first is
  // called after photos were published by any server, and sometimes without
  // reason.
  std::function<void()> on_photo_published = {};
  std::function<void(const postgres::Health& health)> on_health = {};
};

// A store in a PostgreSQL database, which any number of servers can use at the
// same time.  Nothing is cached, so every answer includes every write that any
// server answered before.  Has `readers` + 3 connections.  Thread-safe.
//
// Until the database could be used for the first time, writes and reads are
// refused.  Later, they wait while it is not reachable: writes until their
// deadline, reads up to `read_patience`.
class PostgresStore final : public Store {
 public:
  ~PostgresStore() override;

  // Errors: also UNAVAILABLE (STORAGE_UNAVAILABLE) with a retry delay until
  // `opened`, while the tables are those of a newer version, and while
  // `require_synchronous_standby` is not met.
  void Submit(Command command, WriteOptions options, Done done) override;

  // The database could be used for the first time, and its tables are up to
  // date.
  bool opened() const { return opened_.load(std::memory_order_acquire); }

  // Once `opened` only: nothing may be signed with another secret.
  std::string_view secret() const override;
  GuessCounter* shared_guesses() override;
  StoreStats Stats() const override { return DetailedStats(); }
  // As `Stats`, with the statistics that only PostgreSQL has.
  PostgresStats DetailedStats() const;
  postgres::Health Health() const;
  // Errors: FAILED_PRECONDITION (BACKUP_UNSUPPORTED).
  absl::StatusOr<CopySummary> CopyTo(const std::filesystem::path& file,
                                     std::stop_token stop,
                                     const PhotoFileVisitor& visit) override;
  void Close() override;

 protected:
  const StoreReader* InlineReader(ReadExtent) const override { return nullptr; }
  Task<absl::Status> ReadElsewhere(ReadFunction read) override;

 private:
  friend absl::StatusOr<std::unique_ptr<PostgresStore>> OpenPostgresStore(
      PostgresOptions options);

  explicit PostgresStore(PostgresOptions options);

  // The tables are up to date.
  void OnPrepared(std::string secret);
  void OnHealth(const postgres::Health& health);
  // Why a read or a command is refused; OK if it is not.
  absl::Status Refusal() const;
  absl::Status WriteRefusal() const;

  const PostgresOptions options_;
  std::string secret_;  // Written before `opened_`.
  std::unique_ptr<postgres::PostgresWriter> writer_;  // Likewise.
  std::atomic<int> node_ = -1;                        // -1: not known yet.
  std::atomic<bool> opened_ = false;
  std::atomic<bool> unsupported_ = false;  // The tables are too new.
  std::atomic<bool> disk_full_ = false;    // A write has found it so.
  std::atomic<bool> closed_ = false;
  absl::Mutex closing_;
  const std::unique_ptr<postgres::ReaderThreads> readers_;
  const std::unique_ptr<postgres::PostgresGuessCounter> guesses_;
  // Last: calls `OnPrepared`.
  const std::unique_ptr<postgres::Monitor> monitor_;
};

// Opens the database and upgrades its tables.  If it cannot be used, for
// whatever reason, the store tries again until it can; its health says why.
// Errors: INVALID_ARGUMENT (the URI).
absl::StatusOr<std::unique_ptr<PostgresStore>> OpenPostgresStore(
    PostgresOptions options);

}  // namespace pinhole
