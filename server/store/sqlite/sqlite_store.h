// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_SQLITE_STORE_H_
#define PINHOLE_SERVER_STORE_SQLITE_SQLITE_STORE_H_

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
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
};

// Opens the database, makes it if there is none and brings its schema up to
// date.  The caller sees to it that no second process opens the same file.
// Errors: FAILED_PRECONDITION (made by a newer version, or not ours),
// UNAVAILABLE (cannot be opened), DATA_LOSS (damaged, or not a database).
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(SqliteOptions options);

}  // namespace pinhole

#endif  // PINHOLE_SERVER_STORE_SQLITE_SQLITE_STORE_H_
