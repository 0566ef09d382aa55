// SPDX-License-Identifier: Apache-2.0

// The content of a SQLite database as the tables of a PostgreSQL store.

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/moved_rows.h"

namespace pinhole {

namespace store {
class Connection;
}  // namespace store

// For one thread at a time.
class SqliteExport {
 public:
  // `file` must have the current schema and not be open elsewhere.  Files that
  // are garbage count as deleted at `now`.  Errors: DATA_LOSS, UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<SqliteExport>> Open(
      const std::filesystem::path& file, absl::Time now);
  ~SqliteExport();

  SqliteExport(const SqliteExport&) = delete;
  SqliteExport& operator=(const SqliteExport&) = delete;

  const std::string& secret() const { return secret_; }
  // The largest id that was ever given.
  std::int64_t last_id() const { return last_id_; }
  const std::vector<MovedTable>& tables() const { return tables_; }

  // Calls `visit` for each row of one of `tables`.  Errors: those of `Open` and
  // of `visit`.
  absl::Status Read(const MovedTable& table, MovedRowVisitor visit);

 private:
  explicit SqliteExport(absl::Time now);

  const absl::Time now_;
  std::unique_ptr<store::Connection> db_;
  std::string secret_;
  std::int64_t last_id_ = 0;
  std::vector<MovedTable> tables_;
};

}  // namespace pinhole
