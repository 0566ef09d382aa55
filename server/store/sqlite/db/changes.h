// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_DB_CHANGES_H_
#define PINHOLE_SERVER_STORE_SQLITE_DB_CHANGES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "server/model/ids.h"
#include "server/model/photo.h"
#include "server/store/store.h"

namespace pinhole::store {

// A photo that came into feeds, left them, or changed who may see it.
struct FeedChange {
  UserId owner;
  PhotoId photo;
  Visibility visibility = Visibility::kPublic;
  bool deleted = false;
};

// Somebody began to like a photo or ceased to.
struct LikeChange {
  UserId user;
  PhotoId photo;
  bool liked = false;
  std::int32_t like_count = 0;  // Of the photo now, by everybody.
};

// What commands have changed of what is kept in memory.  Noted beside the
// statement that makes the change, and told to the caches after the commit and
// before anybody is answered.
struct Changes {
  std::vector<UserId> users;          // Their rows, counts included.
  std::vector<PhotoId> photos;        // Likewise.
  std::vector<UserId> ties;           // Whom they follow, are kept apart from.
  std::vector<std::string> sessions;  // By the hash of the token.
  std::vector<FeedChange> feeds;
  std::vector<LikeChange> likes;
  RowCounts rows;           // How many more there are now.
  bool everything = false;  // Rare: too much to list.

  bool empty() const {
    return users.empty() && photos.empty() && ties.empty() &&
           sessions.empty() && feeds.empty() && likes.empty() && !everything;
  }
};

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_DB_CHANGES_H_
