// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/tables/follows.h"

#include <algorithm>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/model/limits.h"
#include "server/store/sqlite/db/page.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/db/snapshot.h"
#include "server/store/sqlite/tables/notifications.h"
#include "server/store/sqlite/tables/users.h"
#include "server/store/sqlite/tables/visibility.h"
#include "server/store/store_errors.h"

namespace pinhole::store {
namespace {

// The users in column `who` of the follows that meet `condition`, with the id
// of the follow.
std::string ListSql(std::string_view who, std::string_view condition) {
  return fmt::format(
      "SELECT page.id, {columns} FROM (SELECT id, {who} AS user_id "
      "FROM follows WHERE {condition} AND id < ?3 AND NOT {apart} "
      "ORDER BY id DESC LIMIT ?4) page "
      "CROSS JOIN users u ON u.id = page.user_id ORDER BY page.id DESC",
      fmt::arg("columns", UserColumns()), fmt::arg("who", who),
      fmt::arg("condition", condition),
      fmt::arg("apart", SeparatedByBlock(who)));
}

absl::StatusOr<Page<User>> List(Connection& db, const Sql& sql, UserId viewer,
                                UserId user, PageRequest page) {
  const Snapshot snapshot(db);
  RETURN_IF_ERROR(CheckUser(db, viewer, user));
  Query query(db, sql, viewer, user, Below(page), RowsFor(page));
  return ReadPage<User>(query, page.limit,
                        [](Query& row) { return ReadUser(row, 1); });
}

void CountFollow(WriteTransaction& transaction, UserId follower,
                 UserId followee, int change) {
  static const Sql kFollower(
      "UPDATE users SET following_count = following_count + ?2 WHERE id = ?1");
  static const Sql kFollowee(
      "UPDATE users SET follower_count = follower_count + ?2 WHERE id = ?1");
  Query(transaction.db, kFollower, follower, change).Run();
  Query(transaction.db, kFollowee, followee, change).Run();
  transaction.changes.users.push_back(follower);
  transaction.changes.users.push_back(followee);
  transaction.changes.ties.push_back(follower);
}

absl::StatusOr<Ties> FindTiesUnlessBlocked(WriteTransaction& transaction,
                                           UserId actor, UserId user) {
  ASSIGN_OR_RETURN(Ties ties, FindTies(transaction.db, actor, user));
  if (ties.blocked || ties.relationship.blocking) {
    return NoSuchUser();
  }
  return ties;
}

}  // namespace

ViewerTies ReadTies(Connection& db, UserId viewer) {
  static const Sql kRead(
      "SELECT EXISTS (SELECT 1 FROM blocks WHERE user_id = ?1) UNION ALL "
      "SELECT followee_id FROM follows WHERE follower_id = ?1");
  ViewerTies ties;
  Query query(db, kRead, viewer);
  query.Next();
  ties.has_blocks = query.Bool(0);
  while (query.Next()) ties.followees.push_back(UserId{query.Int(0)});
  std::sort(ties.followees.begin(), ties.followees.end());
  ties.followees.shrink_to_fit();
  return ties;
}

bool Follows(Connection& db, UserId follower, UserId followee) {
  static const Sql kFind(
      "SELECT 1 FROM follows WHERE follower_id = ?1 AND followee_id = ?2");
  return Query(db, kFind, follower, followee).Next();
}

absl::StatusOr<Ties> FindTies(Connection& db, UserId actor, UserId user) {
  static const Sql kFind(
      "SELECT u.handle, "
      "EXISTS (SELECT 1 FROM follows"
      " WHERE follower_id = ?1 AND followee_id = ?2), "
      "EXISTS (SELECT 1 FROM follows"
      " WHERE follower_id = ?2 AND followee_id = ?1), "
      "EXISTS (SELECT 1 FROM blocks"
      " WHERE user_id = ?1 AND other_id = ?2 AND blocking = 1), "
      "EXISTS (SELECT 1 FROM blocks"
      " WHERE user_id = ?2 AND other_id = ?1 AND blocking = 1), "
      "a.following_count "
      "FROM users u CROSS JOIN users a ON a.id = ?1 WHERE u.id = ?2");
  Query query(db, kFind, actor, user);
  if (!query.Next()) return NoSuchUser();
  Ties ties;
  ties.relationship.handle = query.Text(0);
  ties.relationship.following = query.Bool(1);
  ties.relationship.followed_by = query.Bool(2);
  ties.relationship.blocking = query.Bool(3);
  ties.blocked = query.Bool(4);
  ties.actor_following_count = query.Int32(5);
  return ties;
}

absl::StatusOr<Page<User>> ListFollowers(Connection& db, UserId viewer,
                                         UserId user, PageRequest page) {
  static const Sql kList(ListSql("follower_id", "followee_id = ?2"));
  return List(db, kList, viewer, user, page);
}

absl::StatusOr<Page<User>> ListFollowing(Connection& db, UserId viewer,
                                         UserId user, PageRequest page) {
  // Sorts at most limits::kMaxFollowing rows, which is not worth an index.
  static const Sql kList(ListSql("followee_id", "follower_id = ?2"));
  return List(db, kList, viewer, user, page);
}

void EndFollow(WriteTransaction& transaction, UserId follower,
               UserId followee) {
  static const Sql kDelete(
      "DELETE FROM follows WHERE follower_id = ?1 AND followee_id = ?2 "
      "RETURNING id");
  std::int64_t id = 0;
  {
    Query query(transaction.db, kDelete, follower, followee);
    if (!query.Next()) return;
    id = query.Int(0);
    query.Run();
  }
  CountFollow(transaction, follower, followee, -1);
  RemoveNotification(transaction, followee, id);
}

absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const FollowUser& command) {
  static const Sql kInsert(
      "INSERT INTO follows (follower_id, followee_id, id) VALUES (?1, ?2, ?3)");
  if (command.actor == command.user) {
    return IsCaller();
  }
  ASSIGN_OR_RETURN(Ties ties, FindTiesUnlessBlocked(transaction, command.actor,
                                                    command.user));
  if (ties.relationship.following) return ties.relationship;
  if (ties.actor_following_count >= limits::kMaxFollowing) {
    return TooManyFollowed();
  }
  const std::int64_t id = transaction.NewId();
  Query(transaction.db, kInsert, command.actor, command.user, id).Run();
  CountFollow(transaction, command.actor, command.user, +1);
  Notify(transaction, command.user, id, Notification::Kind::kFollow,
         command.actor, PhotoId{});
  ties.relationship.following = true;
  return ties.relationship;
}

absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const UnfollowUser& command) {
  ASSIGN_OR_RETURN(Ties ties, FindTiesUnlessBlocked(transaction, command.actor,
                                                    command.user));
  EndFollow(transaction, command.actor, command.user);
  ties.relationship.following = false;
  return ties.relationship;
}

}  // namespace pinhole::store
