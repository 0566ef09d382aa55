// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "SQLiteCpp/Database.h"
#include "SQLiteCpp/Statement.h"
#include "absl/container/flat_hash_map.h"

namespace pinhole::store {

// The text of a statement.  Must be `static const`: connections find their
// prepared statements by its address.
class Sql {
 public:
  explicit Sql(std::string text) : text_(std::move(text)) {}
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;
  const std::string& text() const { return text_; }

 private:
  const std::string text_;
};

// How transactions are recovered after a crash.
enum class Journal { kWriteAheadLog, kRollback };

// A connection to the database file with its prepared statements.  For one
// thread at a time.  All methods throw SQLite::Exception.
class Connection {
 public:
  // Opens the file for writing; creates it if it does not exist.  Does not
  // change its content before `ConfigureWriter`, so that the file can be
  // checked first.  `wait_when_busy`: wait a few seconds for locks of other
  // connections.
  static std::unique_ptr<Connection> OpenWriter(
      const std::filesystem::path& path, bool wait_when_busy = true);
  // Readers wait for every commit with a rollback journal, and only for other
  // processes with a write-ahead log.
  static std::unique_ptr<Connection> OpenReader(
      const std::filesystem::path& path, bool wait_when_busy = true,
      Journal journal = Journal::kWriteAheadLog);

  // Sets full durability and turns automatic checkpoints off.
  void ConfigureWriter(Journal journal = Journal::kWriteAheadLog);

  // The size of the page cache.  A writer starts with `kWriterCacheKib`.
  static constexpr int kWriterCacheKib = 64 * 1024;
  void SetCache(int kib);

  // Whether the last connection to close makes a checkpoint and removes the
  // log.  Off at first, so that a file that is refused stays unchanged.
  void SetCheckpointOnClose(bool checkpoint);

  SQLite::Statement& Prepare(const Sql& sql);
  // For statements that are too rare to keep.
  SQLite::Statement PrepareOnce(const char* sql) { return {database_, sql}; }
  void Execute(const char* statements) { database_.exec(statements); }
  // Rolls back the open transaction, if there is one.
  void Rollback();
  sqlite3* handle() { return database_.getHandle(); }
  // False inside a transaction.  True also after SQLite rolled it back by
  // itself.
  bool autocommit() { return sqlite3_get_autocommit(handle()) != 0; }
  // The number of prepared statements run since the last call.
  int TakeQueries() { return std::exchange(queries_, 0); }

 private:
  Connection(const std::filesystem::path& path, int flags, int busy_timeout_ms);

  SQLite::Database database_;
  int queries_ = 0;
  // After the database: statements must be destroyed before it closes.
  absl::flat_hash_map<const Sql*, std::unique_ptr<SQLite::Statement>>
      statements_;
};

}  // namespace pinhole::store
