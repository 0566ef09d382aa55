// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/file/meta.h"
#include "server/store/sqlite/db/query.h"

#include <cstddef>
#include <iterator>

namespace pinhole::store {
namespace {

// Read from the connection, not from its configuration.
SqliteSettings ReadSettings(Connection& db) {
  static const Sql kRead(
      "SELECT journal_mode, synchronous, foreign_keys, page_size, user_version "
      "FROM pragma_journal_mode, pragma_synchronous, pragma_foreign_keys, "
      "pragma_page_size, pragma_user_version");
  // By the numbers of PRAGMA synchronous.
  constexpr const char* kSynchronous[] = {"off", "normal", "full", "extra"};
  Query query(db, kRead);
  query.Next();
  const auto synchronous = static_cast<std::size_t>(query.Int(1));
  return {.journal_mode = query.Text(0),
          .synchronous = synchronous < std::size(kSynchronous)
                             ? kSynchronous[synchronous]
                             : "unknown",
          .foreign_keys = query.Int(2) != 0,
          .page_bytes = query.Int(3),
          .schema_version = query.Int(4)};
}

}  // namespace

Meta ReadMeta(Connection& db) {
  static const Sql kRead(
      "SELECT secret, last_id, (SELECT count(*) FROM users), "
      "(SELECT count(*) FROM photos), (SELECT count(*) FROM sessions) "
      "FROM meta");
  // Counting scans whole indexes, which are not worth caching.
  constexpr int kPassingKib = 1024;
  db.SetCache(kPassingKib);
  Meta meta;
  {
    Query query(db, kRead);
    query.Next();
    meta = {query.Text(0), query.Int(1),
            RowCounts{query.Int(2), query.Int(3), query.Int(4)},
            ReadSettings(db)};
  }
  db.SetCache(Connection::kWriterCacheKib);
  return meta;
}

}  // namespace pinhole::store
