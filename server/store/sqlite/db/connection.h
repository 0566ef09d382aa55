// SPDX-License-Identifier: Apache-2.0

// Connections to the database file, and queries on them.

#ifndef PINHOLE_SERVER_STORE_SQLITE_DB_CONNECTION_H_
#define PINHOLE_SERVER_STORE_SQLITE_DB_CONNECTION_H_

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "SQLiteCpp/Database.h"
#include "SQLiteCpp/Statement.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "server/model/ids.h"

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

// A blob to bind; text is bound as it is.
struct Blob {
  std::string_view bytes;
};

// One run of a statement: bound at the start, reset at the end.
//
//   Query query(db, kFollowers, user, limit);  // ?1, ?2
//   while (query.Next()) use(query.Int(0), query.Text(1));
class Query {
 public:
  template <typename... Values>
  Query(Connection& connection, const Sql& sql, const Values&... values)
      : statement_(connection.Prepare(sql)) {
    int index = 0;
    (Bind(++index, values), ...);
  }
  ~Query() { statement_.tryReset(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // Steps to the next row; false if there is none.
  bool Next() { return statement_.executeStep(); }
  // Runs it to its end.
  void Run() {
    while (Next()) {
    }
  }

  std::int64_t Int(int column) {
    return statement_.getColumn(column).getInt64();
  }
  std::int32_t Int32(int column) {
    return statement_.getColumn(column).getInt();
  }
  bool Bool(int column) { return Int(column) != 0; }
  std::string Text(int column) {
    return statement_.getColumn(column).getString();
  }
  // Valid until the next row.
  std::string_view Bytes(int column) {
    const SQLite::Column value = statement_.getColumn(column);
    return {static_cast<const char*>(value.getBlob()),
            static_cast<std::size_t>(value.getBytes())};
  }
  absl::Time Time(int column) { return absl::FromUnixMillis(Int(column)); }

 private:
  void Bind(int index, std::int64_t value) { statement_.bind(index, value); }
  void Bind(int index, std::int32_t value) { statement_.bind(index, value); }
  void Bind(int index, const std::string& value) {
    statement_.bind(index, value);
  }
  void Bind(int index, std::string_view value) {
    statement_.bind(index, std::string(value));
  }
  void Bind(int index, Blob value) {
    statement_.bind(index, value.bytes.data(),
                    static_cast<int>(value.bytes.size()));
  }
  void Bind(int index, absl::Time value) {
    statement_.bind(index,
                    static_cast<std::int64_t>(absl::ToUnixMillis(value)));
  }
  template <typename Tag>
  void Bind(int index, Id<Tag> value) {
    statement_.bind(index, value.value);
  }
  template <typename T>
  void Bind(int index, const std::optional<T>& value) {
    if (value) {
      Bind(index, *value);
    } else {
      statement_.bind(index);
    }
  }

  SQLite::Statement& statement_;
};

// Lets several reads see one state of the database.
class Snapshot {
 public:
  explicit Snapshot(Connection& connection);
  ~Snapshot() { connection_.Rollback(); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Connection& connection_;
};

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_DB_CONNECTION_H_
