// SPDX-License-Identifier: Apache-2.0

#include "tests/support/postgres_checks.h"

#include <cstdint>
#include <memory>

#include "fmt/format.h"
#include "server/store/postgres/db/connection.h"

namespace pinhole::testing {
namespace {

using ::pinhole::postgres::Connection;
using ::pinhole::postgres::Row;

// The count of each must be 0.
struct Rule {
  const char* mistake;
  const char* query;
};
constexpr Rule kRules[] = {
    {"like_count",
     "SELECT count(*) FROM photos p WHERE like_count <> "
     "(SELECT count(*) FROM likes"
     " WHERE owner_id = p.owner_id AND photo_id = p.id)"},
    {"comment_count",
     "SELECT count(*) FROM photos p WHERE comment_count <> "
     "(SELECT count(*) FROM comments"
     " WHERE owner_id = p.owner_id AND photo_id = p.id)"},
    {"photo counts",
     "SELECT count(*) FROM users u WHERE "
     "public_photo_count <> (SELECT count(*) FROM photos "
     "WHERE owner_id = u.id AND visibility = 1) OR "
     "followers_photo_count <> (SELECT count(*) FROM photos "
     "WHERE owner_id = u.id AND visibility = 2) OR "
     "private_photo_count <> (SELECT count(*) FROM photos "
     "WHERE owner_id = u.id AND visibility = 3)"},
    {"follower_count",
     "SELECT count(*) FROM users u WHERE follower_count <> "
     "(SELECT count(*) FROM follows WHERE followee_id = u.id)"},
    {"following_count",
     "SELECT count(*) FROM users u WHERE following_count <> "
     "(SELECT count(*) FROM follows WHERE follower_id = u.id)"},
    {"hidden_like_count",
     "SELECT count(*) FROM photos p WHERE hidden_like_count <> "
     "(SELECT count(*) FROM likes l JOIN blocks b ON b.other_id = l.user_id "
     "WHERE l.owner_id = p.owner_id AND l.photo_id = p.id"
     " AND b.user_id = p.owner_id AND b.blocking)"},
    {"hidden_comment_count",
     "SELECT count(*) FROM photos p WHERE hidden_comment_count <> "
     "(SELECT count(*) FROM comments c"
     " JOIN blocks b ON b.other_id = c.author_id "
     "WHERE c.owner_id = p.owner_id AND c.photo_id = p.id"
     " AND b.user_id = p.owner_id AND b.blocking)"},
    {"a handle twice", "SELECT count(*) - count(DISTINCT handle) FROM users"},
    {"a user without a handle",
     "SELECT count(*) FROM users u WHERE NOT EXISTS (SELECT 1 FROM handles h "
     "WHERE h.handle = u.handle AND h.user_id = u.id AND h.delete_time = 0)"},
    {"a handle without a user",
     "SELECT count(*) FROM handles h WHERE CASE WHEN user_id = 0 "
     "THEN delete_time = 0 ELSE NOT EXISTS (SELECT 1 FROM users "
     "WHERE id = h.user_id AND handle = h.handle) END"},
    {"a photo without an owner in photo_owners",
     "SELECT count(*) FROM photos p FULL JOIN photo_owners o "
     "ON o.photo_id = p.id AND o.owner_id = p.owner_id "
     "WHERE p.id IS NULL OR o.photo_id IS NULL"},
    {"a file twice", "SELECT count(*) - count(DISTINCT file_key) FROM photos"},
    {"a block with one side only",
     "SELECT count(*) FROM blocks a WHERE NOT EXISTS "
     "(SELECT 1 FROM blocks b WHERE b.user_id = a.other_id "
     "AND b.other_id = a.user_id AND (a.blocking OR "
     "(b.blocking AND b.id = a.id)))"},
    {"a follow across a block",
     "SELECT count(*) FROM follows f JOIN blocks b "
     "ON b.user_id = f.follower_id AND b.other_id = f.followee_id"},
    {"a notification of nothing",
     "SELECT count(*) FROM notifications n WHERE NOT EXISTS "
     "(SELECT 1 FROM likes WHERE id = n.id AND user_id = n.actor_id"
     " AND owner_id = n.user_id AND photo_id = n.photo_id AND n.kind = 2) "
     "AND NOT EXISTS "
     "(SELECT 1 FROM comments WHERE id = n.id AND author_id = n.actor_id"
     " AND owner_id = n.user_id AND photo_id = n.photo_id AND n.kind = 3) "
     "AND NOT EXISTS "
     "(SELECT 1 FROM follows WHERE id = n.id AND follower_id = n.actor_id"
     " AND followee_id = n.user_id AND n.photo_id = 0 AND n.kind = 1)"},
    {"a missing notification",
     "SELECT (SELECT count(*) FROM likes WHERE user_id <> owner_id) + "
     "(SELECT count(*) FROM comments WHERE author_id <> owner_id) + "
     "(SELECT count(*) FROM follows) - (SELECT count(*) FROM notifications)"},
    {"a photo that is garbage",
     "SELECT count(*) FROM garbage JOIN photos USING (file_key)"},
    {"a photo that is an upload",
     "SELECT count(*) FROM uploads JOIN photos USING (file_key)"},
    {"an unfinished deletion", "SELECT count(*) FROM deletions"},
};

// Columns that refer to users, apart from those that may be 0.
struct Reference {
  const char* table;
  const char* column;
};
constexpr Reference kUserReferences[] = {
    {"sessions", "user_id"},      {"photos", "owner_id"},
    {"follows", "follower_id"},   {"follows", "followee_id"},
    {"likes", "user_id"},         {"comments", "author_id"},
    {"notifications", "user_id"}, {"notifications", "actor_id"},
    {"blocks", "user_id"},        {"blocks", "other_id"},
};
constexpr const char* kPhotoReferences[] = {"likes", "comments"};

std::unique_ptr<Connection> Open(const std::string& uri) {
  auto opened = Connection::Open({.uri = uri,
                                  .kind = postgres::ConnectionKind::kMonitor,
                                  .application_name = "pinhole checks"});
  return *std::move(opened);
}

std::int64_t Count(Connection& db, const std::string& query) {
  return db.QueryOnce(query).value()[0].Int(0);
}

void Check(Connection& db, const std::string& mistake, const std::string& query,
           std::vector<std::string>& mistakes) {
  const std::int64_t found = Count(db, query);
  if (found != 0) mistakes.push_back(fmt::format("{}: {}", mistake, found));
}

}  // namespace

std::vector<std::string> FindPostgresMistakes(const std::string& uri) {
  const std::unique_ptr<Connection> db = Open(uri);
  std::vector<std::string> mistakes;
  for (const Rule& rule : kRules)
    Check(*db, rule.mistake, rule.query, mistakes);
  for (const auto& [table, column] : kUserReferences) {
    Check(*db, fmt::format("{}.{} without a user", table, column),
          fmt::format("SELECT count(*) FROM {} t WHERE NOT EXISTS "
                      "(SELECT 1 FROM users WHERE id = t.{})",
                      table, column),
          mistakes);
  }
  for (const char* table : kPhotoReferences) {
    Check(*db, fmt::format("{} without a photo", table),
          fmt::format("SELECT count(*) FROM {} t WHERE NOT EXISTS "
                      "(SELECT 1 FROM photos p WHERE p.owner_id = t.owner_id "
                      "AND p.id = t.photo_id)",
                      table),
          mistakes);
  }
  Check(*db, "a request key of nobody",
        "SELECT count(*) FROM requests r WHERE user_id <> 0 AND NOT EXISTS "
        "(SELECT 1 FROM users WHERE id = r.user_id)",
        mistakes);
  return mistakes;
}

std::vector<std::string> FindPostgresTraces(const std::string& uri,
                                            UserId user) {
  const std::unique_ptr<Connection> db = Open(uri);
  const auto columns = db->QueryOnce(
      "SELECT table_name::text, column_name::text "
      "FROM information_schema.columns WHERE table_schema = 'public' "
      "AND table_name <> 'garbage' AND column_name IN ('id', 'user_id', "
      "'owner_id', 'author_id', 'actor_id', 'follower_id', 'followee_id', "
      "'other_id') ORDER BY 1, 2");
  std::vector<std::string> traces;
  for (const Row row : *columns) {
    const std::string table = row.Text(0);
    const std::string column = row.Text(1);
    const std::int64_t found =
        Count(*db, fmt::format("SELECT count(*) FROM {} WHERE {} = {}", table,
                               column, user.value));
    if (found != 0) traces.push_back(fmt::format("{}.{}", table, column));
  }
  return traces;
}

}  // namespace pinhole::testing
