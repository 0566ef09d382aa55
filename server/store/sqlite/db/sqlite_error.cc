// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/db/sqlite_error.h"

#include <sqlite3.h>

#include "SQLiteCpp/Exception.h"
#include "absl/time/time.h"
#include "base/errors.h"
#include "fmt/format.h"
#include "server/store/store.h"

namespace pinhole::store {
namespace {

constexpr absl::Duration kDiskFullRetryDelay = absl::Seconds(5);
constexpr absl::Duration kBusyRetryDelay = absl::Milliseconds(100);

absl::Status ToStatus(const SQLite::Exception& error) {
  const int code = error.getErrorCode() & 0xff;
  const std::string detail =
      fmt::format("{} ({})", error.what(), error.getExtendedErrorCode());
  switch (code) {
    case SQLITE_FULL:
      return WithRetryDelay(
          MakeError(Reason::kDiskFull,
                    fmt::format("the disk is full: {}", detail)),
          kDiskFullRetryDelay);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(
          fmt::format("the database is damaged: {}", detail));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return WithRetryDelay(
          MakeError(Reason::kDatabaseBusy,
                    fmt::format("another connection holds the database lock; "
                                "retry in a moment: {}",
                                detail)),
          kBusyRetryDelay);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
      return MakeError(Reason::kStorageUnavailable,
                       fmt::format("cannot access the database: {}", detail));
    default:
      return absl::InternalError(fmt::format("SQLite: {}", detail));
  }
}

}  // namespace

absl::Status OutcomeUnknown(const absl::Status& failure) {
  return WithReason(
      absl::Status(
          failure.code(),
          fmt::format("the disk failed and the write's outcome is unknown; "
                      "retry with the same request id: {}",
                      std::string(failure.message()))),
      Reason::kOutcomeUnknown);
}

absl::Status CatchSqlite(absl::FunctionRef<void()> work) {
  try {
    work();
    return absl::OkStatus();
  } catch (const SQLite::Exception& error) {
    return ToStatus(error);
  }
}

}  // namespace pinhole::store
