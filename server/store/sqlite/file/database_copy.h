// SPDX-License-Identifier: Apache-2.0

// Copies of the database file, for backups and before upgrades.

#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/store.h"

namespace pinhole::store {

// A copy of the database in a new file, made a few pages at a time by the
// connection that writes.  SQLite applies that connection's commits to the copy
// as well, so the copy is the state at its end.  (A copy by another connection
// would start over at every commit.)  For the thread of that connection.
class DatabaseCopy {
 public:
  // Throws SQLite::Exception.  `source` outlives this object.
  DatabaseCopy(Connection& source, const std::filesystem::path& file);
  ~DatabaseCopy();
  DatabaseCopy(const DatabaseCopy&) = delete;
  DatabaseCopy& operator=(const DatabaseCopy&) = delete;

  // Copies up to `pages` pages, all if negative.  Returns whether more remain.
  // Throws SQLite::Exception.
  bool Step(int pages);

 private:
  const std::unique_ptr<Connection> file_;
  sqlite3_backup* const backup_;
};

// Converts a complete copy to a single file without a log and makes it durable.
absl::Status SealCopy(const std::filesystem::path& file);

// As `CheckDatabaseFile` (sqlite_store.h); CANCELLED by `stop`.
absl::StatusOr<CopySummary> CheckCopy(const std::filesystem::path& file,
                                      std::stop_token stop,
                                      const PhotoFileVisitor& visit);

// Makes a file's content, or a directory's entries, durable.
absl::Status SyncToDisk(const std::filesystem::path& path);

}  // namespace pinhole::store
