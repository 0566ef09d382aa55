// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/file/database_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <system_error>

#include "SQLiteCpp/Exception.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/sqlite/db/sqlite_error.h"
#include "server/store/sqlite/file/schema.h"
#include "server/store/sqlite/tables/photos.h"

namespace pinhole::store {
namespace {

constexpr int kFirstWithDigests = 3;  // Schema version.
// Instructions of SQLite's virtual machine between two checks of `stop`.
constexpr int kStepsBetweenChecks = 100'000;

std::unique_ptr<Connection> NewFile(const std::filesystem::path& file) {
  auto connection = Connection::OpenWriter(file);
  std::error_code ignored;  // If this fails, writing fails too.
  std::filesystem::permissions(
      file,
      std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
      ignored);
  // After a crash the copy is discarded.
  connection->Execute("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;");
  return connection;
}

sqlite3_backup* Begin(Connection& source, Connection& file) {
  sqlite3_backup* const backup =
      sqlite3_backup_init(file.handle(), "main", source.handle(), "main");
  if (backup == nullptr) throw SQLite::Exception(file.handle());
  return backup;
}

// Runs a check that returns no rows or the row "ok" if it finds no damage.
absl::Status Check(Connection& db, const char* pragma) {
  SQLite::Statement statement = db.PrepareOnce(pragma);
  if (!statement.executeStep()) return absl::OkStatus();
  const std::string found = statement.getColumn(0).getString();
  if (found == "ok") return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("the database is damaged: {}: {}", pragma, found));
}

std::int64_t Count(Connection& db, const char* query) {
  SQLite::Statement statement = db.PrepareOnce(query);
  statement.executeStep();
  return statement.getColumn(0).getInt64();
}

int StopRequested(void* stop) {
  return static_cast<std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

absl::StatusOr<CopySummary> CheckAll(Connection& db,
                                     const PhotoFileVisitor& visit) {
  RETURN_IF_ERROR(CheckIdentity(db));
  CopySummary summary;
  summary.schema_version = SchemaVersion(db);
  if (summary.schema_version == 0) {
    return absl::DataLossError("the database is empty");
  }
  RETURN_IF_ERROR(Check(db, "PRAGMA integrity_check(1)"));
  RETURN_IF_ERROR(Check(db, "PRAGMA foreign_key_check"));
  summary.users = Count(db, "SELECT count(*) FROM users");
  SQLite::Statement photos =
      db.PrepareOnce(summary.schema_version < kFirstWithDigests
                         ? "SELECT file_key, size_bytes, x'' FROM photos"
                         : "SELECT file_key, size_bytes, digests FROM photos");
  while (photos.executeStep()) {
    RETURN_IF_ERROR(
        visit({photos.getColumn(0).getString(), photos.getColumn(1).getInt64(),
               ToDigests(photos.getColumn(2).getString())}));
    ++summary.photos;
  }
  return summary;
}

}  // namespace

DatabaseCopy::DatabaseCopy(Connection& source,
                           const std::filesystem::path& file)
    : file_(NewFile(file)), backup_(Begin(source, *file_)) {}

DatabaseCopy::~DatabaseCopy() { sqlite3_backup_finish(backup_); }

bool DatabaseCopy::Step(int pages) {
  const int code = sqlite3_backup_step(backup_, pages);
  if (code == SQLITE_DONE) return false;
  if (code != SQLITE_OK) {
    throw SQLite::Exception(sqlite3_errstr(code), code);
  }
  return true;
}

absl::Status SealCopy(const std::filesystem::path& file) {
  RETURN_IF_ERROR(CatchSqlite([&] {
    // The copy is marked as using a write-ahead log, like the source.
    Connection::OpenWriter(file)->Execute("PRAGMA journal_mode=DELETE");
  }));
  return SyncToDisk(file);
}

absl::StatusOr<CopySummary> CheckCopy(const std::filesystem::path& file,
                                      std::stop_token stop,
                                      const PhotoFileVisitor& visit) {
  absl::StatusOr<CopySummary> summary =
      Guard([&]() -> absl::StatusOr<CopySummary> {
        const auto db = Connection::OpenReader(file);
        sqlite3_progress_handler(db->handle(), kStepsBetweenChecks,
                                 &StopRequested, &stop);
        return CheckAll(*db, visit);
      });
  if (!summary.ok() && stop.stop_requested()) {
    return absl::CancelledError("the check of the database was cancelled");
  }
  return summary;
}

absl::Status SyncToDisk(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  int error = file < 0 || fsync(file) != 0 ? errno : 0;
  if (file >= 0) close(file);
  if (error == 0) return absl::OkStatus();
  return absl::UnavailableError(
      fmt::format("cannot make {} durable: {}", path.string(),
                  std::generic_category().message(error)));
}

}  // namespace pinhole::store
