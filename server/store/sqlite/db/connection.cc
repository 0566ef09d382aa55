// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/db/connection.h"

#include <mutex>

#include "SQLiteCpp/Exception.h"
#include "server/store/sqlite/db/sync_times.h"

namespace pinhole::store {
namespace {

constexpr int kBusyMs = 5000;
constexpr int kLogReaderBusyMs = 250;  // Readers can run on an event loop.
constexpr int kMaxValueBytes = 4 << 20;
constexpr int kMaxSqlBytes = 64 << 10;

// Memory statistics, which Debian's build enables, take a process-wide lock in
// every allocation, and no connection here is used by two threads at once.
// Has no effect if SQLite was initialized before.
void ConfigureLibrary() {
  static std::once_flag once;
  std::call_once(once, [] {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    SyncTimes::RegisterVfs();
  });
}

std::string Prepared(const std::filesystem::path& path) {
  ConfigureLibrary();
  // NOFOLLOW refuses symbolic links in the whole path; only the file itself
  // must not be one.
  std::error_code error;
  const auto folder = std::filesystem::weakly_canonical(
      std::filesystem::absolute(path).parent_path(), error);
  return error ? path.string() : (folder / path.filename()).string();
}

}  // namespace

Connection::Connection(const std::filesystem::path& path, int flags,
                       int busy_timeout_ms)
    : database_(Prepared(path),
                flags | SQLite::OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    SQLITE_OPEN_NOFOLLOW,
                busy_timeout_ms, SyncTimes::kVfs) {
  sqlite3* const db = handle();
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, kMaxValueBytes);
  sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, kMaxSqlBytes);
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
  Execute(
      "PRAGMA trusted_schema=OFF;"
      "PRAGMA temp_store=MEMORY;"
      "PRAGMA mmap_size=0;");  // With mmap an I/O error kills the process.
}

std::unique_ptr<Connection> Connection::OpenWriter(
    const std::filesystem::path& path, bool wait_when_busy) {
  auto writer = std::unique_ptr<Connection>(
      new Connection(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                     wait_when_busy ? kBusyMs : 0));
  writer->SetCheckpointOnClose(false);
  // Applies to new databases.  A small write changes a few scattered pages,
  // which are written to the log as a whole; with half the usual page size it
  // writes half as much, and reads cost the same.
  writer->Execute("PRAGMA page_size=2048");
  return writer;
}

std::unique_ptr<Connection> Connection::OpenReader(
    const std::filesystem::path& path, bool wait_when_busy, Journal journal) {
  const int patience_ms =
      journal == Journal::kWriteAheadLog ? kLogReaderBusyMs : kBusyMs;
  auto reader = std::unique_ptr<Connection>(new Connection(
      path, SQLite::OPEN_READONLY, wait_when_busy ? patience_ms : 0));
  reader->Execute(
      "PRAGMA query_only=ON;"
      "PRAGMA wal_autocheckpoint=0;"
      "PRAGMA cache_size=-16384;");
  return reader;
}

void Connection::ConfigureWriter(Journal journal) {
  const bool wal = journal == Journal::kWriteAheadLog;
  const std::string mode = database_
                               .execAndGet(wal ? "PRAGMA journal_mode=WAL"
                                               : "PRAGMA journal_mode=DELETE")
                               .getString();
  if (mode != (wal ? "wal" : "delete")) {
    throw SQLite::Exception("cannot change the journal mode from " + mode,
                            SQLITE_BUSY);
  }
  // With a rollback journal, removing the journal is the commit, and only EXTRA
  // makes that durable.
  Execute(wal ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=EXTRA");
  Execute(
      "PRAGMA wal_autocheckpoint=0;"
      "PRAGMA journal_size_limit=67108864;"
      "PRAGMA foreign_keys=ON;"
      "PRAGMA secure_delete=FAST;"
      "PRAGMA cell_size_check=ON;");
  SetCache(kWriterCacheKib);
}

void Connection::SetCache(int kib) {
  database_.exec("PRAGMA cache_size=-" + std::to_string(kib));
}

void Connection::SetCheckpointOnClose(bool checkpoint) {
  sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                    checkpoint ? 0 : 1, nullptr);
}

SQLite::Statement& Connection::Prepare(const Sql& sql) {
  ++queries_;
  std::unique_ptr<SQLite::Statement>& statement = statements_[&sql];
  if (statement == nullptr) {
    statement = std::make_unique<SQLite::Statement>(database_, sql.text());
  }
  return *statement;
}

void Connection::Rollback() {
  if (autocommit()) return;
  // The transaction has no effect even if this fails.
  sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace pinhole::store
