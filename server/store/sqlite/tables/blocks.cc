// SPDX-License-Identifier: Apache-2.0

// A block between two users has two rows, one per side.  `blocking` is set in
// the row of a user who blocks the other, and in both rows if they block each
// other.  A row without it has the id of the other row.

#include "server/store/sqlite/tables/blocks.h"

#include "base/status_macros.h"
#include "server/model/limits.h"
#include "server/store/sqlite/db/page.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/tables/follows.h"
#include "server/store/store_errors.h"

namespace pinhole::store {
namespace {

// Also finds users who block `actor`.
absl::StatusOr<Ties> FindTiesToAnother(WriteTransaction& transaction,
                                       UserId actor, UserId user) {
  if (actor == user) return IsCaller();
  return FindTies(transaction.db, actor, user);
}

void RecordBlockChange(WriteTransaction& transaction, UserId one,
                       UserId other) {
  transaction.changes.ties.push_back(one);
  transaction.changes.ties.push_back(other);
}

absl::Status CheckNumberOfBlocks(Connection& db, UserId user) {
  static const Sql kCount(
      "SELECT count(*) FROM blocks INDEXED BY blocks_by_blocker "
      "WHERE user_id = ?1 AND blocking = 1");
  Query query(db, kCount, user);
  query.Next();
  if (query.Int32(0) < limits::kMaxBlocks) return absl::OkStatus();
  return TooManyBlocked();
}

// Updates the counts of likes and comments by `user` on photos of `owner`,
// which are hidden from others while `owner` blocks `user`.  `change` is 1 when
// a block begins and -1 when it ends.
void CountHidden(WriteTransaction& transaction, UserId owner, UserId user,
                 int change) {
  static const Sql kLikes(
      "UPDATE photos SET hidden_like_count = hidden_like_count + ?3 "
      "WHERE owner_id = ?1 AND id IN "
      "(SELECT photo_id FROM likes WHERE user_id = ?2) RETURNING id");
  static const Sql kComments(
      "UPDATE photos SET hidden_comment_count = hidden_comment_count + ?3 * "
      "(SELECT count(*) FROM comments"
      " WHERE author_id = ?2 AND photo_id = photos.id) "
      "WHERE owner_id = ?1 AND id IN "
      "(SELECT photo_id FROM comments WHERE author_id = ?2) RETURNING id");
  for (const Sql* update : {&kLikes, &kComments}) {
    Query query(transaction.db, *update, owner, user, change);
    while (query.Next())
      transaction.changes.photos.push_back(PhotoId{query.Int(0)});
  }
}

}  // namespace

Page<std::string> ListBlocks(Connection& db, UserId user, PageRequest page) {
  static const Sql kList(
      "SELECT b.id, u.handle FROM blocks b INDEXED BY blocks_by_blocker "
      "CROSS JOIN users u ON u.id = b.other_id "
      "WHERE b.user_id = ?1 AND b.blocking = 1 AND b.id < ?2 "
      "ORDER BY b.id DESC LIMIT ?3");
  Query query(db, kList, user, Below(page), RowsFor(page));
  return ReadPage<std::string>(query, page.limit,
                               [](Query& row) { return row.Text(1); });
}

absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const BlockUser& command) {
  static const Sql kBlock(
      "INSERT INTO blocks (user_id, other_id, blocking, id) "
      "VALUES (?1, ?2, 1, ?3) "
      "ON CONFLICT DO UPDATE SET blocking = 1, id = excluded.id");
  static const Sql kOtherSide(
      "INSERT INTO blocks (user_id, other_id, blocking, id) "
      "VALUES (?2, ?1, 0, ?3) ON CONFLICT DO NOTHING");
  ASSIGN_OR_RETURN(Ties ties,
                   FindTiesToAnother(transaction, command.actor, command.user));
  if (ties.relationship.blocking) return ties.relationship;
  RETURN_IF_ERROR(CheckNumberOfBlocks(transaction.db, command.actor));
  const std::int64_t id = transaction.NewId();
  Query(transaction.db, kBlock, command.actor, command.user, id).Run();
  Query(transaction.db, kOtherSide, command.actor, command.user, id).Run();
  CountHidden(transaction, command.actor, command.user, +1);
  RecordBlockChange(transaction, command.actor, command.user);
  EndFollow(transaction, command.actor, command.user);
  EndFollow(transaction, command.user, command.actor);
  ties.relationship.following = false;
  ties.relationship.followed_by = false;
  ties.relationship.blocking = true;
  return ties.relationship;
}

absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const UnblockUser& command) {
  static const Sql kDelete(
      "DELETE FROM blocks WHERE (user_id = ?1 AND other_id = ?2) "
      "OR (user_id = ?2 AND other_id = ?1)");
  static const Sql kLeaveTheirs(
      "UPDATE blocks SET blocking = 0, id = "
      "(SELECT id FROM blocks WHERE user_id = ?2 AND other_id = ?1) "
      "WHERE user_id = ?1 AND other_id = ?2");
  ASSIGN_OR_RETURN(Ties ties,
                   FindTiesToAnother(transaction, command.actor, command.user));
  if (!ties.relationship.blocking) return ties.relationship;
  Query(transaction.db, ties.blocked ? kLeaveTheirs : kDelete, command.actor,
        command.user)
      .Run();
  CountHidden(transaction, command.actor, command.user, -1);
  RecordBlockChange(transaction, command.actor, command.user);
  ties.relationship.blocking = false;
  return ties.relationship;
}

}  // namespace pinhole::store
