// SPDX-License-Identifier: Apache-2.0

// StoreReader: the questions that a store answers.
//
// Each function is a short, blocking query that sees one consistent state,
// which includes every write that the same store answered before the query
// began.
//
// Functions take the viewer first and leave out what the viewer may not see
// (commands.h defines it); `UserId{}` is a viewer who is not signed in.  The
// store applies this rule, and not the domain, because paging depends on it.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/model/ids.h"
#include "server/model/photo.h"
#include "server/model/removal.h"
#include "server/model/social.h"
#include "server/model/user.h"
#include "server/store/commands.h"

namespace pinhole {

// A part of a list.  Keys are opaque: `after` is the `next` of the previous
// page, or 0 for the first page.
struct PageRequest {
  std::int64_t after = 0;
  int limit = 20;
};

template <typename T>
struct Page {
  std::vector<T> items;
  std::int64_t next = 0;  // 0: this was the last page.
};

// Obtained from Store::Look and Store::Scan.  Abstract because each engine has
// its own.  Errors of every function: UNAVAILABLE (the store is closed or
// cannot be reached, or the disk failed), DATA_LOSS (the database is damaged).
class StoreReader {
 public:
  virtual ~StoreReader() = default;

  // Errors: NOT_FOUND (no such user, or hidden from `viewer` by a block).
  virtual absl::StatusOr<User> FindUser(UserId viewer, UserId user) const = 0;
  virtual absl::StatusOr<User> FindUser(UserId viewer,
                                        std::string_view handle) const = 0;
  // Users whose handle starts with `prefix` and follows `after`, sorted by
  // handle.
  virtual absl::StatusOr<std::vector<User>> SearchUsers(UserId viewer,
                                                        std::string_view prefix,
                                                        std::string_view after,
                                                        int limit) const = 0;
  // Ignores blocks: for logging in, blocking and unblocking.  Errors:
  // NOT_FOUND.
  virtual absl::StatusOr<Credentials> FindCredentials(
      std::string_view handle) const = 0;
  virtual absl::StatusOr<Credentials> FindCredentials(UserId user) const = 0;

  // Handles of all administrators, sorted.  Scans all users.
  virtual absl::StatusOr<std::vector<std::string>> ListAdministrators()
      const = 0;
  // Content that administrators removed, latest first.
  virtual absl::StatusOr<Page<Removal>> ListRemovals(
      PageRequest page) const = 0;

  // Sessions that have not expired.  Errors: NOT_FOUND.
  virtual absl::StatusOr<Session> FindSession(
      std::string_view token_hash) const = 0;
  virtual absl::StatusOr<Page<Session>> ListSessions(
      UserId user, PageRequest page) const = 0;

  // Errors: NOT_FOUND (no such photo, or not visible to `viewer`).
  virtual absl::StatusOr<Photo> FindPhoto(UserId viewer,
                                          PhotoId photo) const = 0;
  // Newest first.
  virtual absl::StatusOr<Page<Photo>> ListPhotos(UserId viewer, UserId owner,
                                                 PageRequest page) const = 0;
  // Public photos of all users, newest first.  A page that is not the last can
  // have fewer photos than asked for, or none, if blocks hide most of the
  // recent photos from the viewer.
  virtual absl::StatusOr<Page<Photo>> ListRecentPhotos(
      UserId viewer, PageRequest page) const = 0;
  // The viewer's photos and those of followed users, newest first.
  virtual absl::StatusOr<Page<Photo>> ListFeed(UserId viewer,
                                               PageRequest page) const = 0;
  // The entries of the feed that are newer than `after`, oldest first.
  virtual absl::StatusOr<std::vector<Photo>> ListFeedSince(UserId viewer,
                                                           PhotoId after,
                                                           int limit) const = 0;
  // The newest photo of all users; none if there are no photos.
  virtual absl::StatusOr<PhotoId> LatestPhoto() const = 0;

  // Latest first, except comments, which are oldest first.
  virtual absl::StatusOr<Page<User>> ListFollowers(UserId viewer, UserId user,
                                                   PageRequest page) const = 0;
  virtual absl::StatusOr<Page<User>> ListFollowing(UserId viewer, UserId user,
                                                   PageRequest page) const = 0;
  virtual absl::StatusOr<Page<Like>> ListLikes(UserId viewer, PhotoId photo,
                                               PageRequest page) const = 0;
  virtual absl::StatusOr<Page<Comment>> ListComments(
      UserId viewer, PhotoId photo, PageRequest page) const = 0;
  // Handles of the users that `user` blocks.
  virtual absl::StatusOr<Page<std::string>> ListBlocks(
      UserId user, PageRequest page) const = 0;
  virtual absl::StatusOr<Page<Notification>> ListNotifications(
      UserId user, PageRequest page) const = 0;

  // The id of what the request with this key created; 0 if the key is unknown.
  // Lets a repeated upload be answered before its bytes arrive.
  // Errors: INVALID_ARGUMENT (the key was used with another fingerprint).
  virtual absl::StatusOr<std::int64_t> FindRequest(
      const RequestKey& request) const = 0;

  virtual absl::StatusOr<bool> HasFileKey(std::string_view file_key) const = 0;
  virtual absl::StatusOr<std::vector<std::string>> ListGarbage(
      int limit) const = 0;

  // Photos whose renditions have a version below `version`, regardless of
  // visibility and as a stranger sees their counts; by version, then newest
  // photo first.
  virtual absl::StatusOr<std::vector<Photo>> ListOutdated(std::int32_t version,
                                                          int limit) const = 0;
  // The number of these photos.  Scans all of them.
  virtual absl::StatusOr<std::int64_t> CountOutdated(
      std::int32_t version) const = 0;
};

}  // namespace pinhole
