// SPDX-License-Identifier: Apache-2.0

#include <optional>
#include <string>
#include <string_view>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/reads/page.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "server/store/postgres/reads/statements.h"
#include "server/store/postgres/reads/users.h"
#include "server/store/postgres/reads/visibility.h"

namespace pinhole::postgres {
namespace {

// The users in column `who` of the follows of `target` that meet `condition`,
// with the id of the follow.  One row without an id if there are none; no row
// if the viewer does not see the user.
std::string ListSql(std::string_view who, std::string_view condition) {
  return fmt::format(
      "{with}SELECT page.id, {columns} FROM "
      "(SELECT id FROM users WHERE id = $2 AND NOT {target_apart}) target "
      "LEFT JOIN LATERAL (SELECT f.id, f.{who} AS user_id FROM follows f "
      "WHERE {condition} AND f.id < $3 AND NOT {apart} "
      "ORDER BY f.id DESC LIMIT $4) page ON true "
      "LEFT JOIN LATERAL (SELECT * FROM users WHERE id = page.user_id OFFSET 0)"
      " u ON true ORDER BY page.id DESC",
      fmt::arg("with", kWithViewer), fmt::arg("columns", UserColumns()),
      fmt::arg("target_apart", SeparatedByBlock("users.id")),
      fmt::arg("who", who), fmt::arg("condition", condition),
      fmt::arg("apart", SeparatedByBlock(fmt::format("f.{}", who))));
}

const Statement kFollowers(ListSql("follower_id",
                                   "f.followee_id = target.id AND f.id > 0"));
// Sorts at most limits::kMaxFollowing rows, which is not worth an index.
const Statement kFollowing(ListSql("followee_id", "f.follower_id = target.id"));

absl::StatusOr<Page<User>> List(Connection& db, const Statement& statement,
                                UserId viewer, UserId user, PageRequest page) {
  ASSIGN_OR_RETURN(const Result found, db.Query(statement, viewer, user,
                                                Below(page), RowsFor(page)));
  if (found.empty()) return NoSuchUser();
  return ReadPage<User>(found, page.limit,
                        [](const Row& row) -> std::optional<User> {
                          if (row.IsNull(1)) return std::nullopt;
                          return ReadUser(row, 1);
                        });
}

}  // namespace

Statements FollowStatements() {
  return {
      {"ListFollowers", &kFollowers, DistributionKey::kOwner},
      {"ListFollowing", &kFollowing, DistributionKey::kOwner},
  };
}

absl::StatusOr<Page<User>> PostgresReader::ListFollowers(
    UserId viewer, UserId user, PageRequest page) const {
  return List(db_, kFollowers, viewer, user, page);
}

absl::StatusOr<Page<User>> PostgresReader::ListFollowing(
    UserId viewer, UserId user, PageRequest page) const {
  return List(db_, kFollowing, viewer, user, page);
}

}  // namespace pinhole::postgres
