// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/reads/visibility.h"

#include "fmt/format.h"
#include "server/model/photo.h"

namespace pinhole::postgres {

static_assert(Visibility::kPublic < Visibility::kFollowers &&
              Visibility::kFollowers < Visibility::kPrivate);

std::string Follows(std::string_view follower, std::string_view followee) {
  return fmt::format(
      "((SELECT true FROM follows WHERE follower_id = {} "
      "AND followee_id = {}) IS NOT NULL)",
      follower, followee);
}

std::string SeparatedByBlock(std::string_view user) {
  return fmt::format(
      "((SELECT true FROM blocks WHERE user_id = $1 AND other_id = {}) "
      "IS NOT NULL)",
      user);
}

std::string Reach(std::string_view owner) {
  return fmt::format("CASE WHEN {} = $1 THEN {} WHEN {} THEN {} ELSE {} END",
                     owner, static_cast<int>(Visibility::kPrivate),
                     Follows("$1", owner),
                     static_cast<int>(Visibility::kFollowers),
                     static_cast<int>(Visibility::kPublic));
}

std::string Visible(Viewers viewers) {
  const std::string reached =
      fmt::format("(p.visibility = {} OR p.visibility <= {})",
                  static_cast<int>(Visibility::kPublic), Reach("p.owner_id"));
  if (viewers == Viewers::kWithoutBlocks) return reached;
  return fmt::format("({} AND NOT {})", reached,
                     SeparatedByBlock("p.owner_id"));
}

std::string BlockedByOwner(std::string_view user) {
  return fmt::format(
      "((SELECT blocking FROM blocks WHERE user_id = p.owner_id "
      "AND other_id = {}) IS TRUE)",
      user);
}

std::string SeesContentOf(std::string_view user) {
  return fmt::format("(p.owner_id = $1 OR NOT ({} OR {}))",
                     SeparatedByBlock(user), BlockedByOwner(user));
}

// LATERAL fixes the order of the second join: from the blocks to the rows.
std::string CountSeparated(Viewers viewers, std::string_view table,
                           std::string_view who, std::string_view condition,
                           std::string_view rows, std::string_view index) {
  if (viewers == Viewers::kWithoutBlocks) return "0";
  return fmt::format(
      "CASE WHEN (SELECT blocks FROM viewer) = 0 THEN 0 "
      "WHEN {rows} < (SELECT blocks FROM viewer) "
      "THEN (SELECT count(*) FROM {table} t "
      "WHERE {condition}{index} AND {apart}) "
      "ELSE (SELECT sum(found.n)::bigint FROM blocks b CROSS JOIN LATERAL "
      "(SELECT count(*) AS n FROM {table} t "
      "WHERE t.{who} = b.other_id AND {condition}) found "
      "WHERE b.user_id = $1) END",
      fmt::arg("rows", rows), fmt::arg("table", table),
      fmt::arg("condition", condition), fmt::arg("index", index),
      fmt::arg("who", who),
      fmt::arg("apart", SeparatedByBlock(fmt::format("t.{}", who))));
}

namespace {

// A user who is separated from the viewer and blocked by the owner must be
// subtracted only once; most photos have no users whom the owner blocks.
std::string Count(Viewers viewers, std::string_view table, std::string_view who,
                  std::string_view count, std::string_view index) {
  return fmt::format(
      "p.{count} - CASE WHEN p.owner_id = $1 THEN 0 "
      "ELSE p.hidden_{count} + {separated} END",
      fmt::arg("count", count),
      fmt::arg("separated",
               CountSeparated(
                   viewers, table, who,
                   fmt::format("t.owner_id = p.owner_id AND t.photo_id = p.id "
                               "AND (p.hidden_{} = 0 OR NOT {})",
                               count, BlockedByOwner(fmt::format("t.{}", who))),
                   fmt::format("p.{}", count), index)));
}

}  // namespace

std::string LikeCount(Viewers viewers) {
  return Count(viewers, "likes", "user_id", "like_count", kListsOnly);
}

std::string CommentCount(Viewers viewers) {
  return Count(viewers, "comments", "author_id", "comment_count", "");
}

}  // namespace pinhole::postgres
