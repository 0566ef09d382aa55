// SPDX-License-Identifier: Apache-2.0

// The feed is merged when it is read, from two statements in one snapshot: the
// users whom the viewer follows, and their photos.
//
// The second one finds the newest photo of each followed user, the head, and
// keeps the best heads, at most a page of them.  No photo of the page is older
// than the last of these heads if the page is full, so only the photos above it
// are read, and only of the users with these heads.  A page therefore costs one
// index probe per followed user, regardless of the number of photos and of how
// long these users have been silent.
//
// Blocks need no check: a block ends the follows between two users.

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/db/pipeline.h"
#include "server/store/postgres/db/transaction.h"
#include "server/store/postgres/reads/page.h"
#include "server/store/postgres/reads/photos.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "server/store/postgres/reads/statements.h"
#include "server/store/postgres/reads/visibility.h"

namespace pinhole::postgres {
namespace {

// The direction of a list of photos.
struct Direction {
  std::string_view order;
  std::string_view beyond;  // Compares an id with the cursor.
  std::string_view within;  // Compares an id with the last head.
  std::string_view last;    // The last of ids in this order.
  std::int64_t end;         // No id is beyond it.
};
constexpr Direction kNewestFirst = {"DESC", "<", ">=", "min", 0};
constexpr Direction kOldestFirst = {"ASC", ">", "<=", "max",
                                    std::numeric_limits<std::int64_t>::max()};

const Statement kFollowees(
    fmt::format("SELECT {}, coalesce(array_agg(followee_id), '{{}}') "
                "FROM follows WHERE follower_id = $1",
                kHasBlocks));

// $2 has the followed users, $3 the cursor and $4 the number of rows.
std::string FeedSql(const Direction& direction, Viewers viewers) {
  const std::string photos = fmt::format(
      "FROM photos WHERE visibility <= {} AND id {} $3 AND owner_id = ",
      static_cast<int>(Visibility::kFollowers), direction.beyond);
  const std::string page =
      fmt::format("ORDER BY id {} LIMIT $4", direction.order);
  const std::string with = fmt::format(
      "{with}, heads AS MATERIALIZED (SELECT followee.owner_id, head.id "
      "FROM unnest($2::bigint[]) AS followee(owner_id) CROSS JOIN LATERAL "
      "(SELECT id {photos} followee.owner_id ORDER BY id {order} LIMIT 1) head "
      "{page})",
      fmt::arg("with", kWithViewer), fmt::arg("photos", photos),
      fmt::arg("order", direction.order), fmt::arg("page", page));
  return ShowPhotos(
      viewers, with,
      fmt::format(
          "SELECT owner_id, id FROM (SELECT heads.owner_id, followed.id "
          "FROM heads CROSS JOIN LATERAL "
          "(SELECT id {photos} heads.owner_id AND id {within} "
          "(SELECT CASE WHEN count(*) = $4 THEN {last}(id) ELSE {end} END "
          "FROM heads) {page}) followed "
          "UNION ALL (SELECT owner_id, id FROM photos "
          "WHERE owner_id = $1 AND id {beyond} $3 {page})) photos {page}",
          fmt::arg("photos", photos), fmt::arg("within", direction.within),
          fmt::arg("last", direction.last), fmt::arg("end", direction.end),
          fmt::arg("beyond", direction.beyond), fmt::arg("page", page)),
      direction.order);
}

struct FeedStatement {
  explicit FeedStatement(const Direction& direction)
      : all(FeedSql(direction, Viewers::kAll)),
        without_blocks(FeedSql(direction, Viewers::kWithoutBlocks)) {}

  const Statement all;
  const Statement without_blocks;
};
const FeedStatement kPage(kNewestFirst);
const FeedStatement kSince(kOldestFirst);

absl::StatusOr<Result> ReadFeed(Connection& db, const FeedStatement& statement,
                                UserId viewer, std::int64_t cursor,
                                std::int64_t rows) {
  Transaction transaction(db);
  Pipeline pipeline(db);
  pipeline.Add(kBeginSnapshot);
  const std::size_t first = pipeline.Add(kFollowees, viewer);
  ASSIGN_OR_RETURN(const std::vector<Result> results, pipeline.Flush());
  const Row followees = results[first][0];
  const std::size_t second =
      pipeline.Add(followees.Bool(0) ? statement.all : statement.without_blocks,
                   viewer, followees.Ints(1), cursor, rows);
  pipeline.Add(kCommit);
  ASSIGN_OR_RETURN(std::vector<Result> photos, pipeline.Flush());
  return std::move(photos[second]);
}

}  // namespace

Statements FeedStatements() {
  return {
      {"ListFeed: followed users", &kFollowees, DistributionKey::kViewer},
      {"ListFeed", &kPage.all, DistributionKey::kOwner},
      {"ListFeed, without blocks", &kPage.without_blocks,
       DistributionKey::kOwner},
      {"ListFeedSince", &kSince.all, DistributionKey::kOwner},
      {"ListFeedSince, without blocks", &kSince.without_blocks,
       DistributionKey::kOwner},
  };
}

absl::StatusOr<Page<Photo>> PostgresReader::ListFeed(UserId viewer,
                                                     PageRequest page) const {
  ASSIGN_OR_RETURN(const Result found,
                   ReadFeed(db_, kPage, viewer, Below(page), RowsFor(page)));
  return ReadPage<Photo>(found, page.limit, ReadPhoto);
}

absl::StatusOr<std::vector<Photo>> PostgresReader::ListFeedSince(
    UserId viewer, PhotoId after, int limit) const {
  ASSIGN_OR_RETURN(const Result found,
                   ReadFeed(db_, kSince, viewer, after.value, limit));
  return ReadPhotos(found);
}

}  // namespace pinhole::postgres
