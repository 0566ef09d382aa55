// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_TABLES_FEED_H_
#define PINHOLE_SERVER_STORE_SQLITE_TABLES_FEED_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/store.h"

namespace pinhole::store {

Page<Photo> ListFeed(Connection& db, UserId viewer, PageRequest page);
std::vector<Photo> ListFeedSince(Connection& db, UserId viewer, PhotoId after,
                                 int limit);

// The newest ids of the feed, newest first.
std::vector<PhotoId> ListFeedIds(Connection& db, UserId viewer, int limit);

// The statement that finds the ids of a page of the feed: viewer, cursor and
// limit are ?1, ?2 and ?3.
std::string FeedPageSql();

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_TABLES_FEED_H_
