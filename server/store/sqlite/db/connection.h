// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_DB_CONNECTION_H_
#define PINHOLE_SERVER_STORE_SQLITE_DB_CONNECTION_H_

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "SQLiteCpp/Database.h"
#include "SQLiteCpp/Statement.h"
#include "absl/container/flat_hash_map.h"

namespace pinhole::store {

// The text of a statement.  Lives as long as the process (`static const`):
// connections know prepared statements by its address.
class Sql {
 public:
  explicit Sql(std::string text) : text_(std::move(text)) {}
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;
  const std::string& text() const { return text_; }

 private:
  const std::string text_;
};

// How a transaction is made whole again after a crash.
enum class Journal { kWriteAheadLog, kRollback };

// One connection with its prepared statements.  For one thread at a time.
// Everything here throws SQLite::Exception.
class Connection {
 public:
  // The one that writes; makes the file if there is none.  Touches nothing
  // inside the file before `ConfigureWriter`, so that it can be looked at
  // first.  If another connection is in the way it waits a while, or, for
  // measuring, not at all.
  static std::unique_ptr<Connection> OpenWriter(
      const std::filesystem::path& path, bool wait_when_busy = true);
  // With a log nobody but an outsider is in a reader's way; with a rollback
  // journal every commit is.
  static std::unique_ptr<Connection> OpenReader(
      const std::filesystem::path& path, bool wait_when_busy = true,
      Journal journal = Journal::kWriteAheadLog);

  // Full durability, no checkpoints but the writer's own.
  void ConfigureWriter(Journal journal = Journal::kWriteAheadLog);

  // How much of the file the connection keeps in memory, at most.  A writer
  // begins with `kWriterCacheKib`.
  static constexpr int kWriterCacheKib = 64 * 1024;
  void SetCache(int kib);

  // Whether the last one to close moves the log into the database and removes
  // it.  Not at first: a file that is refused stays as it is.
  void SetCheckpointOnClose(bool checkpoint);

  SQLite::Statement& Prepare(const Sql& sql);
  // For statements too rare to keep.
  SQLite::Statement PrepareOnce(const char* sql) { return {database_, sql}; }
  void Execute(const char* statements) { database_.exec(statements); }
  // Ends a transaction, if one is open, without effect.
  void Rollback();
  sqlite3* handle() { return database_.getHandle(); }
  // False between BEGIN and COMMIT; also true after SQLite gave up a
  // transaction by itself.
  bool autocommit() { return sqlite3_get_autocommit(handle()) != 0; }
  // How many kept statements were run since the last time this was asked.
  int TakeQueries() { return std::exchange(queries_, 0); }

 private:
  Connection(const std::filesystem::path& path, int flags, int busy_timeout_ms);

  SQLite::Database database_;
  int queries_ = 0;
  // After the database: statements must be gone before it closes.
  absl::flat_hash_map<const Sql*, std::unique_ptr<SQLite::Statement>>
      statements_;
};

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_DB_CONNECTION_H_
