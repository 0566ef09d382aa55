// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>

#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/sqlite_stats.h"
#include "server/store/store.h"

namespace pinhole::store {

// Data about the database that is read when it is opened.
struct Meta {
  std::string secret;
  std::int64_t last_id = 0;
  RowCounts rows;
  SqliteSettings settings;
};

// Throws SQLite::Exception.
Meta ReadMeta(Connection& db);

}  // namespace pinhole::store
