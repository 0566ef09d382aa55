// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/tables/likes.h"

#include "absl/container/flat_hash_set.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/sqlite/db/page.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/db/snapshot.h"
#include "server/store/sqlite/tables/notifications.h"
#include "server/store/sqlite/tables/photos.h"
#include "server/store/sqlite/tables/visibility.h"
#include "server/store/store_errors.h"

namespace pinhole::store {
namespace {

struct Target {
  UserId owner;
  LikeState state;
  std::int32_t all_likes = 0;  // Including likes that the actor cannot see.
};

// Errors: NOT_FOUND (the photo is not visible, or the actor does not exist).
absl::StatusOr<Target> FindTarget(WriteTransaction& transaction, UserId actor,
                                  PhotoId photo) {
  static const Sql kFind(fmt::format(
      "SELECT p.owner_id, {}, "
      "EXISTS (SELECT 1 FROM likes WHERE user_id = ?1 AND photo_id = p.id), "
      "p.like_count "
      "FROM photos p CROSS JOIN users a ON a.id = ?1 WHERE p.id = ?2 AND {}",
      LikeCount(), Visible()));
  Query query(transaction.db, kFind, actor, photo);
  if (!query.Next()) return NoSuchPhoto();
  return Target{UserId{query.Int(0)}, LikeState{query.Int32(1), query.Bool(2)},
                query.Int32(3)};
}

// `likes` is the count before the change.
void CountLike(WriteTransaction& transaction, UserId actor, PhotoId photo,
               std::int32_t likes, int change) {
  static const Sql kUpdate(
      "UPDATE photos SET like_count = like_count + ?2 WHERE id = ?1");
  Query(transaction.db, kUpdate, photo, change).Run();
  transaction.changes.likes.push_back(
      {actor, photo, change > 0, likes + change});
}

}  // namespace

bool Likes(Connection& db, UserId user, PhotoId photo) {
  static const Sql kFind(
      "SELECT 1 FROM likes WHERE user_id = ?1 AND photo_id = ?2");
  return Query(db, kFind, user, photo).Next();
}

std::vector<PhotoId> ListLikedIds(Connection& db, UserId user, int limit) {
  static const Sql kFind(
      "SELECT photo_id FROM likes WHERE user_id = ?1 "
      "ORDER BY photo_id DESC LIMIT ?2");
  std::vector<PhotoId> ids;
  Query query(db, kFind, user, limit);
  while (query.Next()) ids.push_back(PhotoId{query.Int(0)});
  return ids;
}

void MarkLiked(Connection& db, UserId user, std::vector<Photo>& photos) {
  static const Sql kFind(
      "SELECT l.photo_id FROM json_each(?2) wanted CROSS JOIN likes l "
      "ON l.user_id = ?1 AND l.photo_id = wanted.value");
  if (photos.empty()) return;
  std::vector<PhotoId> ids;
  ids.reserve(photos.size());
  for (const Photo& photo : photos) ids.push_back(photo.id);
  absl::flat_hash_set<PhotoId> liked;
  Query query(db, kFind, user, JsonArray(ids));
  while (query.Next()) liked.insert(PhotoId{query.Int(0)});
  for (Photo& photo : photos) photo.liked = liked.contains(photo.id);
}

absl::StatusOr<Page<Like>> ListLikes(Connection& db, UserId viewer,
                                     PhotoId photo, PageRequest page) {
  static const Sql kList(
      "SELECT l.id, u.handle, u.display_name, l.create_time FROM photos p "
      "CROSS JOIN likes l ON l.photo_id = p.id "
      "CROSS JOIN users u ON u.id = l.user_id "
      "WHERE p.id = ?2 AND l.id < ?3 AND " +
      SeesContentOf("l.user_id") + " ORDER BY l.id DESC LIMIT ?4");
  const Snapshot snapshot(db);
  RETURN_IF_ERROR(CheckPhoto(db, viewer, photo));
  Query query(db, kList, viewer, photo, Below(page), RowsFor(page));
  return ReadPage<Like>(query, page.limit, [](Query& row) {
    return Like{row.Text(1), row.Text(2), row.Time(3)};
  });
}

absl::StatusOr<LikeState> Apply(WriteTransaction& transaction,
                                const LikePhoto& command) {
  static const Sql kInsert(
      "INSERT INTO likes (user_id, photo_id, id, create_time) "
      "VALUES (?1, ?2, ?3, ?4)");
  ASSIGN_OR_RETURN(const Target target,
                   FindTarget(transaction, command.actor, command.photo));
  if (target.state.liked) return target.state;
  const std::int64_t id = transaction.NewId();
  Query(transaction.db, kInsert, command.actor, command.photo, id,
        transaction.now)
      .Run();
  CountLike(transaction, command.actor, command.photo, target.all_likes, +1);
  Notify(transaction, target.owner, id, Notification::Kind::kLike,
         command.actor, command.photo);
  return LikeState{target.state.like_count + 1, true};
}

absl::StatusOr<LikeState> Apply(WriteTransaction& transaction,
                                const UnlikePhoto& command) {
  static const Sql kDelete(
      "DELETE FROM likes WHERE user_id = ?1 AND photo_id = ?2 RETURNING id");
  ASSIGN_OR_RETURN(const Target target,
                   FindTarget(transaction, command.actor, command.photo));
  if (!target.state.liked) return target.state;
  std::int64_t id = 0;
  {
    Query query(transaction.db, kDelete, command.actor, command.photo);
    query.Next();
    id = query.Int(0);
    query.Run();
  }
  CountLike(transaction, command.actor, command.photo, target.all_likes, -1);
  RemoveNotification(transaction, target.owner, id);
  return LikeState{target.state.like_count - 1, false};
}

}  // namespace pinhole::store
