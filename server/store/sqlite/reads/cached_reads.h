// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/sqlite/db/changes.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/reads/cache.h"
#include "server/store/sqlite/reads/feed_log.h"
#include "server/store/sqlite/reads/feed_window.h"
#include "server/store/sqlite/reads/liked_photos.h"
#include "server/store/sqlite/reads/reads.h"
#include "server/store/sqlite/tables/photos.h"
#include "server/store/store.h"

namespace pinhole::store {

// Reads from memory as far as possible.  Rows and counts that do not depend on
// the viewer are cached separately from the viewer's follows and likes; each
// answer combines them.
//
// Exact: an answer includes every write that was answered before it began.  It
// can show a part of a write that is being committed.
//
// A viewer who blocks or is blocked by a user is answered by queries, except
// for sessions: the queries subtract hidden content (tables/visibility.h).
// Thread-safe.
class CachedReads final : public Reads {
 public:
  // `max_bytes` bounds the estimated memory of all caches together.
  explicit CachedReads(std::size_t max_bytes);

  absl::StatusOr<Session> FindSession(Connection& db,
                                      std::string_view token_hash,
                                      absl::Time now) override;
  absl::StatusOr<User> FindUser(Connection& db, UserId viewer,
                                UserId user) override;
  absl::StatusOr<User> FindUser(Connection& db, UserId viewer,
                                std::string_view handle) override;
  absl::StatusOr<Photo> FindPhoto(Connection& db, UserId viewer,
                                  PhotoId photo) override;
  Page<Photo> ListFeed(Connection& db, UserId viewer,
                       PageRequest page) override;
  std::optional<Session> PeekSession(std::string_view token_hash,
                                     absl::Time now) override;
  std::optional<Page<Photo>> PeekFeed(UserId viewer, PageRequest page) override;
  void Forget(const Changes& changes) override;
  void AddTo(SqliteStats& stats) const override;

 private:
  // The part of a user that does not depend on the viewer.
  struct UserRow {
    User user;
    std::int32_t public_photos = 0;
    std::int32_t followers_photos = 0;
    std::int32_t private_photos = 0;
  };
  using PhotoRef = std::shared_ptr<const PhotoRow>;

  std::shared_ptr<const ViewerTies> TiesOf(Connection& db, UserId viewer);
  std::shared_ptr<const UserRow> RowOf(Connection& db, UserId user);
  PhotoRef RowOf(Connection& db, PhotoId photo);
  std::shared_ptr<const LikedPhotos> LikesOf(Connection& db, UserId viewer);
  bool Follows(Connection& db, const User& follower, UserId followee);
  bool Likes(Connection& db, UserId viewer, PhotoId photo);
  // Sets `liked` for `viewer`.
  void MarkLiked(Connection& db, UserId viewer, std::vector<Photo>& photos);
  // The ids of a page and one more; nothing if the window is missing, outdated
  // or too short.
  std::optional<std::vector<PhotoId>> PeekFeedIds(UserId viewer,
                                                  const ViewerTies& ties,
                                                  PageRequest page);
  // Rows in the order of `ids`, null if not in memory.
  std::vector<PhotoRef> PeekRows(const std::vector<PhotoId>& ids);
  // Reads the missing rows; they stay null if the photo is gone.
  void ReadMissingRows(Connection& db, const std::vector<PhotoId>& ids,
                       std::vector<PhotoRef>& rows);
  void MakeWindow(Connection& db, UserId viewer);

  Cache<std::string, Session> sessions_;  // By token hash.
  Cache<std::string, UserId> handles_;
  Cache<UserId, UserRow> users_;
  Cache<PhotoId, PhotoRow> photos_;
  Cache<UserId, ViewerTies> ties_;
  Cache<UserId, FeedWindow> windows_;
  Cache<UserId, LikedPhotos> likes_;
  FeedLog feed_log_;
};

}  // namespace pinhole::store
