// SPDX-License-Identifier: Apache-2.0

// Moves the data of a stopped server from SQLite to PostgreSQL.

#pragma once

#include <cstdint>
#include <filesystem>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pinhole::app {

struct Migration {
  std::filesystem::path from;  // The data directory.
  std::string to;              // The connection string of an empty database.
  // Where the new servers find the photos; empty: where they are now.
  std::filesystem::path media_dir;
};

struct MigrationSummary {
  std::int64_t users = 0;
  std::int64_t photos = 0;
  std::int64_t rows = 0;  // Of all tables in PostgreSQL.
  std::filesystem::path media_dir;
  std::filesystem::path old_database;  // Its name after the migration.
};

// Checks the whole database, copies the photos or checks that they are
// complete, and copies all rows in one transaction.  Then renames the old
// database, so that no server starts on it by mistake.  Upgrades it before, if
// an earlier version made it.  If this function fails, the PostgreSQL database
// is still empty, except after OUTCOME_UNKNOWN, and calling it again starts
// over; photos that were copied completely are not copied again.  Writes what
// it does to `progress`.
//
// Errors: NOT_FOUND (no data), FAILED_PRECONDITION (a server uses the data
// directory or the PostgreSQL database; it is not empty), DATA_LOSS (the
// database or photos are damaged), UNAVAILABLE, RESOURCE_EXHAUSTED (disk full).
absl::StatusOr<MigrationSummary> Migrate(const Migration& migration,
                                         std::ostream& progress);

}  // namespace pinhole::app
