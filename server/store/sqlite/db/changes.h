// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/model/ids.h"
#include "server/model/photo.h"
#include "server/store/store.h"

namespace pinhole::store {

// A photo that was added, deleted, or changed its visibility.
struct FeedChange {
  UserId owner;
  PhotoId photo;
  Visibility visibility = Visibility::kPublic;
  bool deleted = false;
};

// A like that was added or removed.
struct LikeChange {
  UserId user;
  PhotoId photo;
  bool liked = false;
  std::int32_t like_count = 0;  // The new count, including hidden likes.
};

// The changes of a transaction that affect caches.  Each is recorded beside the
// statement that makes it; caches apply them after the commit and before any
// command is answered.
struct Changes {
  std::vector<UserId> users;          // Rows, including counts.
  std::vector<PhotoId> photos;        // Rows, including counts.
  std::vector<UserId> ties;           // Follows and blocks of these users.
  std::vector<std::string> sessions;  // Token hashes.
  std::vector<FeedChange> feeds;
  std::vector<LikeChange> likes;
  RowCounts rows;           // Differences.
  bool everything = false;  // Too much to list; rare.
};

}  // namespace pinhole::store
