// SPDX-License-Identifier: Apache-2.0

#include <cstdlib>

#include "SQLiteCpp/Database.h"
#include "SQLiteCpp/Statement.h"
#include "fmt/format.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/contract/postgres_kind.h"
#include "tests/contract/store_contract.h"
#include "tests/support/model_store/model_store.h"

namespace pinhole::testing {
namespace {

namespace fs = std::filesystem;

fs::path Database(const fs::path& folder) { return folder / "pinhole.db"; }

std::unique_ptr<Store> OpenSqlite(const fs::path& folder, const Clock& clock) {
  SqliteOptions options;
  options.path = Database(folder);
  options.clock = &clock;
  return OpenSqliteStore(options).value();
}

// A cache that is so small that most entries are evicted.
std::unique_ptr<Store> OpenSmall(const fs::path& folder, const Clock& clock) {
  SqliteOptions options;
  options.path = Database(folder);
  options.clock = &clock;
  options.cache_bytes = 64 << 10;
  return OpenSqliteStore(options).value();
}

// Direct writes without caches.
std::unique_ptr<Store> OpenDirect(const fs::path& folder, const Clock& clock) {
  SqliteOptions options;
  options.path = Database(folder);
  options.clock = &clock;
  options.cache_bytes = 0;
  options.reuse_connections = false;
  options.queue_writes = false;
  return OpenSqliteStore(options).value();
}

// The count of each must be 0.
struct Rule {
  const char* mistake;
  const char* query;
};
constexpr Rule kRules[] = {
    {"like_count",
     "SELECT count(*) FROM photos p WHERE like_count != "
     "(SELECT count(*) FROM likes WHERE photo_id = p.id)"},
    {"comment_count",
     "SELECT count(*) FROM photos p WHERE comment_count != "
     "(SELECT count(*) FROM comments WHERE photo_id = p.id)"},
    {"photo counts",
     "SELECT count(*) FROM users u WHERE "
     "public_photo_count != (SELECT count(*) FROM photos "
     "WHERE owner_id = u.id AND visibility = 1) OR "
     "followers_photo_count != (SELECT count(*) FROM photos "
     "WHERE owner_id = u.id AND visibility = 2) OR "
     "private_photo_count != (SELECT count(*) FROM photos "
     "WHERE owner_id = u.id AND visibility = 3)"},
    {"follower_count",
     "SELECT count(*) FROM users u WHERE follower_count != "
     "(SELECT count(*) FROM follows WHERE followee_id = u.id)"},
    {"following_count",
     "SELECT count(*) FROM users u WHERE following_count != "
     "(SELECT count(*) FROM follows WHERE follower_id = u.id)"},
    {"hidden_like_count",
     "SELECT count(*) FROM photos p WHERE hidden_like_count != "
     "(SELECT count(*) FROM likes l JOIN blocks b ON b.other_id = l.user_id "
     "WHERE l.photo_id = p.id AND b.user_id = p.owner_id AND b.blocking = 1)"},
    {"hidden_comment_count",
     "SELECT count(*) FROM photos p WHERE hidden_comment_count != "
     "(SELECT count(*) FROM comments c JOIN blocks b ON b.other_id = "
     "c.author_id "
     "WHERE c.photo_id = p.id AND b.user_id = p.owner_id AND b.blocking = 1)"},
    {"a block with one side only",
     "SELECT count(*) FROM blocks a WHERE NOT EXISTS "
     "(SELECT 1 FROM blocks b WHERE b.user_id = a.other_id "
     "AND b.other_id = a.user_id AND (a.blocking = 1 OR "
     "(b.blocking = 1 AND b.id = a.id)))"},
    {"a follow across a block",
     "SELECT count(*) FROM follows f JOIN blocks b "
     "ON b.user_id = f.follower_id AND b.other_id = f.followee_id"},
    {"a notification of nothing",
     "SELECT count(*) FROM notifications n WHERE NOT EXISTS "
     "(SELECT 1 FROM likes WHERE id = n.id AND user_id = n.actor_id) "
     "AND NOT EXISTS "
     "(SELECT 1 FROM comments WHERE id = n.id AND author_id = n.actor_id) "
     "AND NOT EXISTS "
     "(SELECT 1 FROM follows WHERE id = n.id AND follower_id = n.actor_id)"},
    {"a missing notification",
     "SELECT (SELECT count(*) FROM likes l JOIN photos p ON p.id = l.photo_id "
     "WHERE l.user_id != p.owner_id) + (SELECT count(*) FROM comments c "
     "JOIN photos p ON p.id = c.photo_id WHERE c.author_id != p.owner_id) + "
     "(SELECT count(*) FROM follows) - (SELECT count(*) FROM notifications)"},
    {"a photo that is garbage",
     "SELECT count(*) FROM garbage JOIN photos USING (file_key)"},
    {"an upload that is a photo or garbage",
     "SELECT count(*) FROM uploads WHERE file_key IN (SELECT file_key FROM "
     "photos UNION ALL SELECT file_key FROM garbage)"},
    {"broken references", "SELECT count(*) FROM pragma_foreign_key_check"},
    {"damage",
     "SELECT count(*) FROM pragma_integrity_check "
     "WHERE integrity_check != 'ok'"},
};

std::vector<std::string> FindMistakes(const fs::path& folder, const Store&) {
  SQLite::Database db(Database(folder).string(), SQLite::OPEN_READONLY);
  std::vector<std::string> mistakes;
  for (const Rule& rule : kRules) {
    const int found = db.execAndGet(rule.query).getInt();
    if (found != 0) {
      mistakes.push_back(fmt::format("{}: {}", rule.mistake, found));
    }
  }
  return mistakes;
}

std::vector<std::string> FindTraces(const fs::path& folder, const Store&,
                                    UserId user) {
  SQLite::Database db(Database(folder).string(), SQLite::OPEN_READONLY);
  SQLite::Statement columns(
      db,
      "SELECT t.name, c.name FROM pragma_table_list t "
      "JOIN pragma_table_info(t.name) c "
      "WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite_%' "
      "AND c.name IN ('id', 'user_id', 'owner_id', 'author_id', 'actor_id', "
      "'follower_id', 'followee_id', 'other_id')");
  std::vector<std::string> traces;
  while (columns.executeStep()) {
    const std::string table = columns.getColumn(0).getString();
    const std::string column = columns.getColumn(1).getString();
    const int found =
        db.execAndGet(fmt::format("SELECT count(*) FROM {} WHERE {} = {}",
                                  table, column, user.value))
            .getInt();
    if (found != 0) traces.push_back(fmt::format("{}.{}", table, column));
  }
  return traces;
}

std::unique_ptr<Store> OpenModel(const fs::path&, const Clock& clock) {
  return std::make_unique<ModelStore>(clock);
}

model::Rows RowsOf(const Store& store) {
  return dynamic_cast<const ModelStore&>(store).rows();
}

std::vector<std::string> FindModelMistakes(const fs::path&,
                                           const Store& store) {
  return model::FindMistakes(RowsOf(store));
}

std::vector<std::string> FindModelTraces(const fs::path&, const Store& store,
                                         UserId user) {
  return model::FindTraces(RowsOf(store), user);
}

StoreKind Model() {
  return {"Model", false, OpenModel, FindModelMistakes, FindModelTraces};
}

}  // namespace

std::vector<StoreKind> AllStores() {
  std::vector<StoreKind> kinds = OrderedStores();
  kinds.push_back(TwoPostgresKind());
  return kinds;
}

std::vector<StoreKind> DurableStores() {
  std::vector<StoreKind> kinds = SqliteStores();
  kinds.push_back({"SqliteDirect", true, OpenDirect, FindMistakes, FindTraces});
  kinds.push_back(PostgresKind());
  kinds.push_back(TwoPostgresKind());
  return kinds;
}

std::vector<StoreKind> OrderedStores() {
  std::vector<StoreKind> kinds = SqliteStores();
  kinds.push_back({"SqliteDirect", true, OpenDirect, FindMistakes, FindTraces});
  kinds.push_back(PostgresKind());
  kinds.push_back(Model());
  return kinds;
}

std::vector<StoreKind> QueuedStores() {
  std::vector<StoreKind> kinds = SqliteStores();
  kinds.push_back(PostgresKind());
  return kinds;
}

std::vector<StoreKind> SqliteStores() {
  return {{"Sqlite", true, OpenSqlite, FindMistakes, FindTraces},
          {"SqliteSmallCache", true, OpenSmall, FindMistakes, FindTraces}};
}

std::vector<StoreKind> QuickStores() {
  std::vector<StoreKind> kinds = QueuedStores();
  kinds.push_back(Model());
  return kinds;
}

}  // namespace pinhole::testing
