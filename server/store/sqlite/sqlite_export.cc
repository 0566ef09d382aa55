// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/sqlite_export.h"

#include <utility>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/sqlite_error.h"
#include "server/store/sqlite/file/meta.h"

namespace pinhole {
namespace {

// A table of the destination, a count of its rows that does not depend on
// `rows`, and its rows.  The names of the result columns are those of the
// destination, whose times are microseconds; ?1 is the current time.
struct Table {
  const char* name;
  const char* count;
  const char* rows;
};

constexpr Table kTables[] = {
    {"users", "SELECT count(*) FROM users",
     "SELECT id, handle, display_name, bio, password_hash,"
     " create_time * 1000 AS create_time, public_photo_count,"
     " followers_photo_count, private_photo_count, follower_count,"
     " following_count, administrator FROM users ORDER BY id"},
    {"handles",
     "SELECT (SELECT count(*) FROM users) +"
     " (SELECT count(*) FROM reserved_handles)",
     "SELECT handle, id AS user_id, 0 AS delete_time FROM users UNION ALL"
     " SELECT handle, 0, delete_time * 1000 FROM reserved_handles"},
    {"sessions", "SELECT count(*) FROM sessions",
     "SELECT token_hash, id, user_id, create_time * 1000 AS create_time,"
     " expire_time * 1000 AS expire_time FROM sessions ORDER BY id"},
    {"photo_owners", "SELECT count(*) FROM photos",
     "SELECT id AS photo_id, owner_id FROM photos ORDER BY id"},
    {"photos", "SELECT count(*) FROM photos",
     "SELECT owner_id, id, visibility, like_count, comment_count,"
     " hidden_like_count, hidden_comment_count,"
     " create_time * 1000 AS create_time, width, height, size_bytes,"
     " content_type, file_key, caption, alt_text, rendition_version, digests"
     " FROM photos ORDER BY id"},
    {"follows", "SELECT count(*) FROM follows",
     "SELECT follower_id, followee_id, id FROM follows"},
    {"likes", "SELECT count(*) FROM likes",
     "SELECT owner_id, photo_id, user_id, l.id AS id,"
     " l.create_time * 1000 AS create_time"
     " FROM likes l JOIN photos p ON p.id = l.photo_id"},
    {"comments", "SELECT count(*) FROM comments",
     "SELECT owner_id, photo_id, c.id AS id, author_id,"
     " c.create_time * 1000 AS create_time, text"
     " FROM comments c JOIN photos p ON p.id = c.photo_id"},
    {"notifications", "SELECT count(*) FROM notifications",
     "SELECT user_id, n.id AS id, kind, actor_id, photo_id,"
     " n.create_time * 1000 AS create_time, n.id <= last_read_id AS read"
     " FROM notifications n JOIN users u ON u.id = n.user_id"},
    {"blocks", "SELECT count(*) FROM blocks",
     "SELECT user_id, other_id, blocking, id FROM blocks"},
    {"requests", "SELECT count(*) FROM requests",
     "SELECT key, fingerprint, result_id, user_id,"
     " create_time * 1000 AS create_time FROM requests"},
    {"removals", "SELECT count(*) FROM removals",
     "SELECT id, kind, administrator, owner, photo_id, comment_id,"
     " create_time * 1000 AS create_time FROM removals ORDER BY id"},
    {"uploads", "SELECT count(*) FROM uploads",
     "SELECT file_key, create_time * 1000 AS create_time FROM uploads"},
    // The owner of deleted files is not recorded.
    {"garbage", "SELECT count(*) FROM garbage",
     "SELECT file_key, 0 AS owner_id, ?1 AS create_time FROM garbage"},
};

MovedValue ValueOf(const SQLite::Column& column) {
  if (column.isInteger()) return column.getInt64();
  const std::string_view bytes(static_cast<const char*>(column.getBlob()),
                               static_cast<std::size_t>(column.getBytes()));
  if (column.isBlob()) return MovedBytes{bytes};
  return bytes;
}

MovedTable Describe(store::Connection& db, const Table& table) {
  MovedTable description{.name = table.name, .columns = {}};
  SQLite::Statement rows = db.PrepareOnce(table.rows);
  for (int i = 0; i < rows.getColumnCount(); ++i) {
    description.columns.emplace_back(rows.getColumnName(i));
  }
  SQLite::Statement count = db.PrepareOnce(table.count);
  count.executeStep();
  description.rows = count.getColumn(0).getInt64();
  return description;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteExport>> SqliteExport::Open(
    const std::filesystem::path& file, absl::Time now) {
  std::unique_ptr<SqliteExport> result(new SqliteExport(now));
  RETURN_IF_ERROR(store::CatchSqlite([&] {
    result->db_ = store::Connection::OpenReader(file);
    store::Meta meta = store::ReadMeta(*result->db_);
    result->secret_ = std::move(meta.secret);
    result->last_id_ = meta.last_id;
    for (const Table& table : kTables) {
      result->tables_.push_back(Describe(*result->db_, table));
    }
  }));
  return result;
}

SqliteExport::SqliteExport(absl::Time now) : now_(now) {}

SqliteExport::~SqliteExport() = default;

absl::Status SqliteExport::Read(const MovedTable& table,
                                MovedRowVisitor visit) {
  const char* query = nullptr;
  for (const Table& known : kTables) {
    if (known.name == table.name) query = known.rows;
  }
  if (query == nullptr) {
    return absl::InternalError(fmt::format("no table {}", table.name));
  }
  absl::Status visited;
  RETURN_IF_ERROR(store::CatchSqlite([&] {
    SQLite::Statement rows = db_->PrepareOnce(query);
    if (rows.getBindParameterCount() > 0) {
      rows.bind(1, absl::ToUnixMicros(now_));
    }
    std::vector<MovedValue> values;
    while (visited.ok() && rows.executeStep()) {
      values.clear();
      for (int i = 0; i < rows.getColumnCount(); ++i) {
        values.push_back(ValueOf(rows.getColumn(i)));
      }
      visited = visit(values);
    }
  }));
  return visited;
}

}  // namespace pinhole
