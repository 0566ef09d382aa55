// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/postgres_store.h"

#include <cstdlib>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "server/store/postgres/db/connection_uri.h"
#include "server/store/postgres/guesses/postgres_guess_counter.h"
#include "server/store/postgres/monitor/monitor.h"
#include "server/store/postgres/postgres_writer.h"
#include "server/store/postgres/readers/reader_threads.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "server/store/store_errors.h"

namespace pinhole {
namespace {

using postgres::Monitor;
using postgres::PostgresReader;
using postgres::PostgresWriter;
using postgres::ReaderThreads;

absl::Status NoSynchronousStandby() {
  return WithRetryDelay(
      MakeError(Reason::kStorageUnavailable,
                "the database has no synchronous standby, and writes are "
                "refused without one; retry later"),
      absl::Seconds(1));
}

}  // namespace

PostgresStore::PostgresStore(PostgresOptions options)
    : options_(std::move(options)),
      readers_(std::make_unique<ReaderThreads>(
          ReaderThreads::Options{.uri = options_.uri,
                                 .application_name = options_.application_name,
                                 .node = &node_,
                                 .clock = options_.clock,
                                 .threads = options_.readers,
                                 .max_waiting = options_.max_waiting_reads,
                                 .patience = options_.read_patience})),
      guesses_(std::make_unique<postgres::PostgresGuessCounter>(*readers_)),
      monitor_(std::make_unique<Monitor>(Monitor::Options{
          .uri = options_.uri,
          .application_name = options_.application_name,
          .node = &node_,
          .take_disk_full = [this] { return disk_full_.exchange(false); },
          .on_prepared =
              [this](std::string secret) { OnPrepared(std::move(secret)); },
          .on_photo_published =
              [this] {
                if (options_.on_photo_published) options_.on_photo_published();
              },
          .on_health =
              [this](const postgres::Health& health) { OnHealth(health); }})) {}

PostgresStore::~PostgresStore() { Close(); }

void PostgresStore::OnPrepared(std::string secret) {
  secret_ = std::move(secret);
  PostgresWriter::Options options;
  options.uri = options_.uri;
  options.application_name = options_.application_name;
  options.clock = options_.clock;
  options.max_queued_commands = options_.max_queued_commands;
  options.max_queued_bytes = options_.max_queued_bytes;
  options.on_node = [this](int node) { node_ = node; };
  options.on_disk_full = [this] { disk_full_ = true; };
  writer_ = std::make_unique<PostgresWriter>(std::move(options));
  opened_.store(true, std::memory_order_release);
  readers_->Start();
}

void PostgresStore::OnHealth(const postgres::Health& health) {
  unsupported_ = health.state == postgres::Health::State::kUnsupported;
  if (options_.on_health) options_.on_health(health);
}

absl::Status PostgresStore::Refusal() const {
  if (closed_) return store::StoreClosed();
  if (!opened() || unsupported_) return store::DatabaseUnavailable();
  return absl::OkStatus();
}

absl::Status PostgresStore::WriteRefusal() const {
  RETURN_IF_ERROR(Refusal());
  if (options_.require_synchronous_standby) {
    // While the database is not reachable, commands wait for its next state.
    const postgres::Health health = monitor_->health();
    if (health.ready() &&
        (!health.waits_for_standby || health.synchronous_standbys < 1)) {
      return NoSynchronousStandby();
    }
  }
  return absl::OkStatus();
}

void PostgresStore::Submit(Command command, WriteOptions options, Done done) {
  if (absl::Status refusal = WriteRefusal(); !refusal.ok()) {
    done(std::move(refusal));
    return;
  }
  writer_->Submit(std::move(command), options, std::move(done));
}

Task<absl::Status> PostgresStore::ReadElsewhere(ReadFunction read) {
  CO_RETURN_IF_ERROR(Refusal());
  // `read` stays valid until this coroutine is resumed.
  auto start = [this, &read](ReaderThreads::Done done) {
    readers_->Submit(
        [&read](const PostgresReader& reader) { return read(reader); },
        std::move(done));
  };
  co_return co_await FromCallback<absl::Status>(std::move(start));
}

std::string_view PostgresStore::secret() const {
  if (!opened()) std::abort();  // The caller's bug.
  return secret_;
}

GuessCounter* PostgresStore::shared_guesses() { return guesses_.get(); }

absl::StatusOr<CopySummary> PostgresStore::CopyTo(
    const std::filesystem::path& /*file*/, std::stop_token /*stop*/,
    const PhotoFileVisitor& /*visit*/) {
  return MakeError(
      Reason::kBackupUnsupported,
      "the database is PostgreSQL, which has its own tools for backups, such "
      "as pg_basebackup and pgBackRest; see docs/operations.md");
}

postgres::Health PostgresStore::Health() const { return monitor_->health(); }

PostgresStats PostgresStore::DetailedStats() const {
  PostgresStats stats;
  stats.health = monitor_->health();
  stats.rows = monitor_->rows();
  stats.readers = readers_->stats();
  stats.writable = stats.health.ready();
  if (opened()) {
    writer_->AddTo(stats);
    stats.writer = writer_->stats();
    stats.writable = stats.writable && writer_->state().ok();
  }
  return stats;
}

void PostgresStore::Close() {
  const absl::MutexLock lock(&closing_);
  if (closed_.exchange(true)) return;
  // The monitor first, which could create the writer.
  monitor_->Stop();
  if (opened()) writer_->Stop();
  readers_->Stop();
}

absl::StatusOr<std::unique_ptr<PostgresStore>> OpenPostgresStore(
    PostgresOptions options) {
  RETURN_IF_ERROR(postgres::CheckUri(options.uri));
  const absl::Duration patience = options.first_attempt;
  std::unique_ptr<PostgresStore> store(new PostgresStore(std::move(options)));
  // Its outcome is in the health of the store.
  (void)store->monitor_->WaitForFirstAttempt(patience);
  return store;
}

}  // namespace pinhole
