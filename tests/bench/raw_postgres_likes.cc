// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/raw_postgres_likes.h"

#include <cstdlib>

#include "absl/time/clock.h"

namespace pinhole::bench {

RawPostgresLikes::RawPostgresLikes(const std::string& uri)
    : db_(postgres::Connection::Open(
              {.uri = uri, .kind = postgres::ConnectionKind::kWriter})
              .value()) {}

void RawPostgresLikes::Like(const std::vector<LikePhoto>& likes) {
  static const postgres::Statement kLike(
      "WITH wanted AS MATERIALIZED (SELECT * FROM "
      "unnest($1::bigint[], $2::bigint[], $3::bigint[]) "
      "AS w(user_id, photo_id, id)), "
      "locked AS MATERIALIZED (SELECT p.owner_id, p.id, p.visibility "
      "FROM photo_owners o CROSS JOIN photos p "
      "WHERE o.photo_id = ANY($2) AND p.owner_id = o.owner_id "
      "AND p.id = o.photo_id ORDER BY o.photo_id FOR NO KEY UPDATE OF p), "
      "liked AS (INSERT INTO likes "
      "(owner_id, photo_id, user_id, id, create_time) "
      "SELECT p.owner_id, p.id, w.user_id, w.id, $4 "
      "FROM wanted w JOIN locked p ON p.id = w.photo_id "
      "WHERE (p.visibility = 1 OR EXISTS (SELECT 1 FROM follows "
      "WHERE follower_id = w.user_id AND followee_id = p.owner_id)) "
      "AND NOT EXISTS (SELECT 1 FROM blocks "
      "WHERE user_id = w.user_id AND other_id = p.owner_id) "
      "ON CONFLICT DO NOTHING RETURNING owner_id, photo_id, user_id, id), "
      "counted AS (UPDATE photos p SET like_count = like_count + n.likes "
      "FROM (SELECT owner_id, photo_id, count(*) AS likes FROM liked "
      "GROUP BY owner_id, photo_id) n "
      "WHERE p.owner_id = n.owner_id AND p.id = n.photo_id) "
      "INSERT INTO notifications "
      "(user_id, id, kind, actor_id, photo_id, create_time) "
      "SELECT owner_id, id, 2, user_id, photo_id, $4 FROM liked "
      "WHERE owner_id <> user_id");
  const absl::Time now = absl::Now();
  std::vector<UserId> users;
  std::vector<PhotoId> photos;
  std::vector<std::int64_t> ids;
  for (const LikePhoto& like : likes) {
    users.push_back(like.actor);
    photos.push_back(like.photo);
    ids.push_back(ids_.Next(now));
  }
  if (!db_->Query(kLike, users, photos, ids, now).ok()) std::abort();
}

}  // namespace pinhole::bench
