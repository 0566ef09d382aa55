// SPDX-License-Identifier: Apache-2.0

// A block between two users has two rows, one per side.  `blocking` is set in
// the row of a user who blocks the other, and in both rows if they block each
// other.  A row without it has the id of the other row.

#include "server/store/postgres/writes/single/blocks.h"

#include <cstdint>

#include "base/status_macros.h"
#include "server/model/limits.h"
#include "server/store/postgres/writes/single/locks.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {
namespace {

struct Ties {
  Relationship relationship;
  bool blocked = false;  // The user blocks the actor.
};

// Locks both users, so that until the end of the transaction neither of them
// follows, blocks, likes or comments on the other or stops doing so.
// Errors: INVALID_ARGUMENT (they are the same), NOT_FOUND (one is missing).
absl::StatusOr<Ties> LockTies(WriteTransaction& transaction, UserId actor,
                              UserId user) {
  static const Statement kFind(
      "SELECT u.handle, "
      "EXISTS (SELECT 1 FROM follows"
      " WHERE follower_id = $1 AND followee_id = $2), "
      "EXISTS (SELECT 1 FROM follows"
      " WHERE follower_id = $2 AND followee_id = $1), "
      "EXISTS (SELECT 1 FROM blocks"
      " WHERE user_id = $1 AND other_id = $2 AND blocking), "
      "EXISTS (SELECT 1 FROM blocks"
      " WHERE user_id = $2 AND other_id = $1 AND blocking) "
      "FROM users u CROSS JOIN users a WHERE u.id = $2 AND a.id = $1");
  if (actor == user) return store::IsCaller();
  RETURN_IF_ERROR(LockUsers(transaction, {actor, user}));
  ASSIGN_OR_RETURN(const Result found,
                   transaction.db.Query(kFind, actor, user));
  if (found.empty()) return store::NoSuchUser();
  const Row row = found[0];
  return Ties{{row.Text(0), row.Bool(1), row.Bool(2), row.Bool(3)},
              row.Bool(4)};
}

absl::Status CheckNumberOfBlocks(WriteTransaction& transaction, UserId user) {
  static const Statement kCount(
      "SELECT count(*) FROM blocks WHERE user_id = $1 AND blocking");
  ASSIGN_OR_RETURN(const Result count, transaction.db.Query(kCount, user));
  if (count[0].Int(0) < limits::kMaxBlocks) return absl::OkStatus();
  return store::TooManyBlocked();
}

// Updates the counts of likes and comments by `user` on photos of `owner`,
// which are hidden from others while `owner` blocks `user`.  `change` is 1 when
// a block begins and -1 when it ends.
absl::Status CountHidden(WriteTransaction& transaction, UserId owner,
                         UserId user, std::int32_t change) {
  static const Statement kFind(
      "SELECT photo_id FROM likes WHERE user_id = $2 AND owner_id = $1 "
      "UNION "
      "SELECT photo_id FROM comments WHERE author_id = $2 AND owner_id = $1");
  static const Statement kUpdate(
      "UPDATE photos SET "
      "hidden_like_count = hidden_like_count + $4 * (SELECT count(*)::integer"
      " FROM likes WHERE user_id = $2 AND owner_id = $1"
      " AND photo_id = photos.id), "
      "hidden_comment_count = hidden_comment_count + $4 * "
      "(SELECT count(*)::integer"
      " FROM comments WHERE author_id = $2 AND owner_id = $1"
      " AND photo_id = photos.id) "
      "WHERE owner_id = $1 AND id = ANY($3)");
  PhotoKeys keys;
  {
    ASSIGN_OR_RETURN(const Result found,
                     transaction.db.Query(kFind, owner, user));
    if (found.empty()) return absl::OkStatus();
    for (const Row row : found) {
      keys.owners.push_back(owner);
      keys.photos.push_back(PhotoId{row.Int(0)});
    }
  }
  RETURN_IF_ERROR(LockPhotos(transaction, keys));
  transaction.pipeline.Add(kUpdate, owner, user, keys.photos, change);
  return absl::OkStatus();
}

void EndFollows(WriteTransaction& transaction, UserId one, UserId other) {
  static const Statement kEnd(
      "WITH ended AS (DELETE FROM follows f "
      "USING unnest(ARRAY[$1, $2], ARRAY[$2, $1]) "
      "AS w(follower_id, followee_id) "
      "WHERE f.follower_id = w.follower_id AND f.followee_id = w.followee_id "
      "RETURNING f.follower_id, f.followee_id, f.id), "
      "withdrawn AS (DELETE FROM notifications n USING ended "
      "WHERE n.user_id = ended.followee_id AND n.id = ended.id) "
      "UPDATE users SET "
      "following_count = following_count - (SELECT count(*)::integer"
      " FROM ended WHERE follower_id = users.id), "
      "follower_count = follower_count - (SELECT count(*)::integer"
      " FROM ended WHERE followee_id = users.id) "
      "WHERE id IN ($1, $2)");
  transaction.pipeline.Add(kEnd, one, other);
}

}  // namespace

absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const BlockUser& command) {
  static const Statement kBlock(
      "INSERT INTO blocks (user_id, other_id, blocking, id) "
      "VALUES ($1, $2, true, $3) "
      "ON CONFLICT (user_id, other_id) "
      "DO UPDATE SET blocking = true, id = excluded.id");
  static const Statement kOtherSide(
      "INSERT INTO blocks (user_id, other_id, blocking, id) "
      "VALUES ($2, $1, false, $3) ON CONFLICT DO NOTHING");
  ASSIGN_OR_RETURN(Ties ties,
                   LockTies(transaction, command.actor, command.user));
  Relationship& result = ties.relationship;
  if (result.blocking) return result;
  RETURN_IF_ERROR(CheckNumberOfBlocks(transaction, command.actor));
  RETURN_IF_ERROR(CountHidden(transaction, command.actor, command.user, +1));
  const std::int64_t id = transaction.NewId();
  transaction.pipeline.Add(kBlock, command.actor, command.user, id);
  transaction.pipeline.Add(kOtherSide, command.actor, command.user, id);
  if (result.following || result.followed_by) {
    EndFollows(transaction, command.actor, command.user);
  }
  result.following = false;
  result.followed_by = false;
  result.blocking = true;
  return result;
}

absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const UnblockUser& command) {
  static const Statement kDelete(
      "DELETE FROM blocks b USING unnest(ARRAY[$1, $2], ARRAY[$2, $1]) "
      "AS w(user_id, other_id) "
      "WHERE b.user_id = w.user_id AND b.other_id = w.other_id");
  static const Statement kLeaveTheirs(
      "UPDATE blocks SET blocking = false, id = "
      "(SELECT id FROM blocks WHERE user_id = $2 AND other_id = $1) "
      "WHERE user_id = $1 AND other_id = $2");
  ASSIGN_OR_RETURN(Ties ties,
                   LockTies(transaction, command.actor, command.user));
  if (!ties.relationship.blocking) return ties.relationship;
  RETURN_IF_ERROR(CountHidden(transaction, command.actor, command.user, -1));
  transaction.pipeline.Add(ties.blocked ? kLeaveTheirs : kDelete, command.actor,
                           command.user);
  ties.relationship.blocking = false;
  return ties.relationship;
}

}  // namespace pinhole::postgres
