// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/store.h"

namespace pinhole::store {

Page<Photo> ListFeed(Connection& db, UserId viewer, PageRequest page);
std::vector<Photo> ListFeedSince(Connection& db, UserId viewer, PhotoId after,
                                 int limit);

// The ids of the newest entries, newest first.
std::vector<PhotoId> ListFeedIds(Connection& db, UserId viewer, int limit);

// The statement that selects the ids of a page: ?1 is the viewer, ?2 the cursor
// and ?3 the limit.
std::string FeedPageSql();

}  // namespace pinhole::store
