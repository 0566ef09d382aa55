// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/tables/visibility.h"

#include "fmt/format.h"
#include "server/model/photo.h"

namespace pinhole::store {

static_assert(Visibility::kPublic < Visibility::kFollowers &&
              Visibility::kFollowers < Visibility::kPrivate);

std::string SeparatedByBlock(std::string_view user) {
  return fmt::format(
      "EXISTS (SELECT 1 FROM blocks WHERE user_id = ?1 AND other_id = {})",
      user);
}

std::string Reach(std::string_view owner) {
  return fmt::format(
      "CASE WHEN {0} = ?1 THEN {3} "
      "WHEN EXISTS (SELECT 1 FROM follows WHERE follower_id = ?1 "
      "AND followee_id = {0}) THEN {2} ELSE {1} END",
      owner, static_cast<int>(Visibility::kPublic),
      static_cast<int>(Visibility::kFollowers),
      static_cast<int>(Visibility::kPrivate));
}

std::string Visible() {
  return fmt::format("(p.visibility <= {} AND NOT {})", Reach("p.owner_id"),
                     SeparatedByBlock("p.owner_id"));
}

std::string BlockedByOwner(std::string_view user) {
  return fmt::format(
      "EXISTS (SELECT 1 FROM blocks WHERE user_id = p.owner_id "
      "AND other_id = {} AND blocking = 1)",
      user);
}

std::string SeesContentOf(std::string_view user) {
  return fmt::format("(p.owner_id = ?1 OR NOT ({} OR {}))",
                     SeparatedByBlock(user), BlockedByOwner(user));
}

std::string CountSeparated(std::string_view table, std::string_view who,
                           std::string_view condition, std::string_view rows) {
  // CROSS JOIN fixes the join order: from the blocks to the rows.  SQLite
  // counts the blocks once per statement, since the count does not depend on
  // its rows.
  return fmt::format(
      "CASE WHEN {rows} < (SELECT count(*) FROM blocks WHERE user_id = ?1) "
      "THEN (SELECT count(*) FROM {table} t WHERE {condition} AND {apart}) "
      "ELSE (SELECT count(*) FROM blocks b CROSS JOIN {table} t "
      "ON t.{who} = b.other_id AND {condition} WHERE b.user_id = ?1) END",
      fmt::arg("rows", rows), fmt::arg("table", table),
      fmt::arg("condition", condition), fmt::arg("who", who),
      fmt::arg("apart", SeparatedByBlock(fmt::format("t.{}", who))));
}

// A user who is separated from the viewer and blocked by the owner must be
// subtracted only once; most photos have no users whom the owner blocks.
std::string LikeCount() {
  return fmt::format(
      "p.like_count - iif(p.owner_id = ?1, 0, p.hidden_like_count + {})",
      CountSeparated("likes", "user_id",
                     "t.photo_id = p.id AND (p.hidden_like_count = 0 OR NOT " +
                         BlockedByOwner("t.user_id") + ")",
                     "p.like_count"));
}

std::string CommentCount() {
  return fmt::format(
      "p.comment_count - iif(p.owner_id = ?1, 0, p.hidden_comment_count + {})",
      CountSeparated("comments", "author_id",
                     "t.photo_id = p.id AND (p.hidden_comment_count = 0 "
                     "OR NOT " +
                         BlockedByOwner("t.author_id") + ")",
                     "p.comment_count"));
}

}  // namespace pinhole::store
