// SPDX-License-Identifier: Apache-2.0

// A block is two rows, one from either side.  Of two users at most one blocks
// the other: who is blocked cannot find, hence not block, the one who did it.

#include "server/store/sqlite/blocks.h"

#include "server/base/errors.h"
#include "server/base/status_macros.h"
#include "server/store/sqlite/follows.h"
#include "server/store/sqlite/page.h"

namespace pinhole::store {
namespace {

absl::StatusOr<Ties> FindTiesNotBlocked(Turn& turn, UserId actor, UserId user) {
  if (actor == user) return InvalidField("name", "must not be the caller");
  ASSIGN_OR_RETURN(Ties ties, FindTies(turn.db, actor, user));
  if (ties.blocked) return absl::NotFoundError("there is no such user");
  return ties;
}

void NoteBlock(Turn& turn, UserId one, UserId other) {
  turn.changes.ties.push_back(one);
  turn.changes.ties.push_back(other);
}

}  // namespace

Page<std::string> ListBlocks(Connection& db, UserId user, PageRequest page) {
  static const Sql kList(
      "SELECT b.id, u.handle FROM blocks b JOIN users u ON u.id = b.other_id "
      "WHERE b.user_id = ?1 AND b.blocking = 1 AND b.id < ?2 "
      "ORDER BY b.id DESC LIMIT ?3");
  Query query(db, kList, user, Below(page), RowsFor(page));
  return ReadPage<std::string>(query, page.limit,
                               [](Query& row) { return row.Text(1); });
}

absl::StatusOr<Relationship> Apply(Turn& turn, const BlockUser& command) {
  static const Sql kInsert(
      "INSERT INTO blocks (user_id, other_id, blocking, id) "
      "VALUES (?1, ?2, 1, ?3), (?2, ?1, 0, ?3)");
  ASSIGN_OR_RETURN(Ties ties,
                   FindTiesNotBlocked(turn, command.actor, command.user));
  if (ties.relationship.blocking) return ties.relationship;
  Query(turn.db, kInsert, command.actor, command.user, turn.NewId()).Run();
  NoteBlock(turn, command.actor, command.user);
  EndFollow(turn, command.actor, command.user);
  EndFollow(turn, command.user, command.actor);
  ties.relationship.following = false;
  ties.relationship.followed_by = false;
  ties.relationship.blocking = true;
  return ties.relationship;
}

absl::StatusOr<Relationship> Apply(Turn& turn, const UnblockUser& command) {
  static const Sql kDelete(
      "DELETE FROM blocks WHERE (user_id = ?1 AND other_id = ?2) "
      "OR (user_id = ?2 AND other_id = ?1)");
  ASSIGN_OR_RETURN(Ties ties,
                   FindTiesNotBlocked(turn, command.actor, command.user));
  Query(turn.db, kDelete, command.actor, command.user).Run();
  NoteBlock(turn, command.actor, command.user);
  ties.relationship.blocking = false;
  return ties.relationship;
}

}  // namespace pinhole::store
