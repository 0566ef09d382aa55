// SPDX-License-Identifier: Apache-2.0

// The feed is merged when it is read.  For each followed user SQLite scans that
// user's range of the index photos_by_owner from the newest photo and stops as
// soon as an id cannot be on the page, because the innermost loop yields ids in
// the order of the page, which has a LIMIT.  A page therefore costs one seek
// per followed user, regardless of the number of photos.  This requires that
// `follows` is the outer loop (CROSS JOIN) and that the viewer's own photos are
// a separate part of the UNION.
//
// Blocks need no check: a block ends the follows between two users.

#include "server/store/sqlite/tables/feed.h"

#include "fmt/format.h"
#include "server/model/photo.h"
#include "server/store/sqlite/db/page.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/tables/photos.h"

namespace pinhole::store {
namespace {

std::string FeedIds(std::string_view condition, std::string_view order) {
  return fmt::format(
      "SELECT id FROM ("
      "SELECT * FROM (SELECT p.id AS id FROM follows f "
      "CROSS JOIN photos p ON p.owner_id = f.followee_id "
      "WHERE f.follower_id = ?1 AND p.id {condition} "
      "AND p.visibility <= {reach} ORDER BY p.id {order} LIMIT ?3) "
      "UNION ALL "
      "SELECT * FROM (SELECT id FROM photos "
      "WHERE owner_id = ?1 AND id {condition} ORDER BY id {order} LIMIT ?3)"
      ") ORDER BY id {order} LIMIT ?3",
      fmt::arg("condition", condition), fmt::arg("order", order),
      fmt::arg("reach", static_cast<int>(Visibility::kFollowers)));
}

}  // namespace

std::string FeedPageSql() { return FeedIds("< ?2", "DESC"); }

Page<Photo> ListFeed(Connection& db, UserId viewer, PageRequest page) {
  static const Sql kList(ShowPhotos(FeedPageSql(), "DESC"));
  Query query(db, kList, viewer, Below(page), RowsFor(page));
  return ReadPage<Photo>(query, page.limit, ReadPhoto);
}

std::vector<PhotoId> ListFeedIds(Connection& db, UserId viewer, int limit) {
  static const Sql kList(FeedPageSql());
  Query query(db, kList, viewer, Below({}), limit);
  std::vector<PhotoId> ids;
  while (query.Next()) ids.push_back(PhotoId{query.Int(0)});
  return ids;
}

std::vector<Photo> ListFeedSince(Connection& db, UserId viewer, PhotoId after,
                                 int limit) {
  static const Sql kList(ShowPhotos(FeedIds("> ?2", "ASC"), "ASC"));
  Query query(db, kList, viewer, after, limit);
  std::vector<Photo> photos;
  while (query.Next()) photos.push_back(ReadPhoto(query));
  return photos;
}

}  // namespace pinhole::store
