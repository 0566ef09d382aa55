// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_SQLITE_STORE_H_
#define PINHOLE_SERVER_STORE_SQLITE_SQLITE_STORE_H_

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/store/store.h"

namespace pinhole {

struct SqliteOptions {
  std::filesystem::path path;    // The database file; its folder exists.
  const Clock* clock = nullptr;  // Outlives the store.
  int readers = 2;               // Read-only connections, at least 1.
  std::size_t max_queued_commands = 4096;
  std::size_t max_queued_bytes = 32 << 20;
  // A batch takes no more commands after this long.
  absl::Duration max_batch_time = absl::Milliseconds(2);
  // Called once, on the writer's thread, if the disk turns out not to be
  // trusted any more: no more writes are taken from then on.  May be null.
  std::function<void(const absl::Status& cause)> on_unwritable = {};
  // What the caches may hold, about; 0: there are none.
  std::size_t cache_bytes = 64 << 20;

  // For measuring what they buy, each can be turned off.  Durability is the
  // same in every combination.
  bool reuse_connections = true;  // Off: each operation opens one of its own.
  // Off: a lock held by somebody else is UNAVAILABLE (DATABASE_BUSY) at once
  // and not waited for.
  bool wait_when_busy = true;
  // Off: every write commits alone, with a rollback journal, on one of several
  // threads that compete for the lock.
  bool queue_writes = true;
};

// Opens the database, makes it if there is none and brings its schema up to
// date, after a copy of it beside (sqlite/upgrade.h).  The caller sees to it
// that no second process opens the same file. Errors: FAILED_PRECONDITION (made
// by a newer version, or not ours), UNAVAILABLE (cannot be opened), DATA_LOSS
// (damaged, or not a database).
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(SqliteOptions options);

// Of the library that is used.
std::string SqliteVersion();

// Checks all of a database file that nobody has open, and calls `visit` for
// each photo in it.  Changes nothing.
// Errors: FAILED_PRECONDITION (made by a newer version, or not ours), DATA_LOSS
// (damaged, or not a database), UNAVAILABLE (cannot be opened), `visit`'s.
absl::StatusOr<CopySummary> CheckDatabaseFile(const std::filesystem::path& file,
                                              const PhotoFileVisitor& visit);

}  // namespace pinhole

#endif  // PINHOLE_SERVER_STORE_SQLITE_SQLITE_STORE_H_
