// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/raw_likes.h"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "server/store/sqlite/tables/visibility.h"

namespace pinhole::bench {
namespace {

void Bind(sqlite3_stmt* statement, std::initializer_list<std::int64_t> values) {
  int index = 0;
  for (const std::int64_t value : values) {
    sqlite3_bind_int64(statement, ++index, value);
  }
}

void Run(sqlite3_stmt* statement, std::initializer_list<std::int64_t> values) {
  Bind(statement, values);
  if (sqlite3_step(statement) != SQLITE_DONE) std::abort();
  sqlite3_reset(statement);
}

}  // namespace

RawLikes::RawLikes(const std::filesystem::path& database) {
  if (sqlite3_open(database.c_str(), &db_) != SQLITE_OK) std::abort();
  // As the store has it.  The store checkpoints every 4000 pages by itself.
  Execute(
      "PRAGMA journal_mode=WAL;"
      "PRAGMA synchronous=FULL;"
      "PRAGMA wal_autocheckpoint=4000;"
      "PRAGMA foreign_keys=ON;"
      "PRAGMA cache_size=-65536;"
      "PRAGMA secure_delete=FAST;"
      "PRAGMA cell_size_check=ON;");
  find_ = Prepare(fmt::format(
      "SELECT p.owner_id, {}, "
      "EXISTS (SELECT 1 FROM likes WHERE user_id = ?1 AND photo_id = p.id) "
      "FROM photos p CROSS JOIN users a ON a.id = ?1 WHERE p.id = ?2 AND {}",
      store::LikeCount(), store::Visible()));
  insert_ = Prepare(
      "INSERT INTO likes (user_id, photo_id, id, create_time) "
      "VALUES (?1, ?2, ?3, ?4)");
  count_ =
      Prepare("UPDATE photos SET like_count = like_count + ?2 WHERE id = ?1");
  notify_ = Prepare(
      "INSERT INTO notifications "
      "(user_id, id, kind, actor_id, photo_id, create_time) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  save_id_ = Prepare("UPDATE meta SET last_id = ?1");
  sqlite3_stmt* const all = Prepare("SELECT id, owner_id FROM photos");
  while (sqlite3_step(all) == SQLITE_ROW) {
    owners_[sqlite3_column_int64(all, 0)] = sqlite3_column_int64(all, 1);
  }
  sqlite3_finalize(all);
}

RawLikes::~RawLikes() {
  for (sqlite3_stmt* statement : {find_, insert_, count_, notify_, save_id_}) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(db_);
}

void RawLikes::Like(Statements statements, UserId user, PhotoId photo) {
  const std::int64_t now = absl::ToUnixMillis(absl::Now());
  last_id_ = std::max(last_id_ + (1 << 10), now << 22);
  std::int64_t owner = 0;
  if (statements == Statements::kAsStore) {
    Bind(find_, {user.value, photo.value});
    if (sqlite3_step(find_) != SQLITE_ROW) std::abort();
    owner = sqlite3_column_int64(find_, 0);
    sqlite3_reset(find_);
  } else {
    owner = owners_.at(photo.value);
  }
  Run(insert_, {user.value, photo.value, last_id_, now});
  Run(count_, {photo.value, 1});
  Run(notify_, {owner, last_id_, 2, user.value, photo.value, now});
}

void RawLikes::Commit() {
  Run(save_id_, {last_id_});
  Execute("COMMIT");
}

void RawLikes::Execute(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    std::abort();
  }
}

sqlite3_stmt* RawLikes::Prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) !=
      SQLITE_OK) {
    std::abort();
  }
  return statement;
}

}  // namespace pinhole::bench
