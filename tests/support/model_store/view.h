// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/model/ids.h"
#include "server/model/photo.h"
#include "server/model/social.h"
#include "server/model/user.h"
#include "server/store/store.h"
#include "tests/support/model_store/rows.h"

namespace pinhole::testing::model {

absl::Status NoSuchUser();
absl::Status NoSuchPhoto();

// The rows as one viewer sees them; `UserId{}` is a viewer who is not signed
// in.  Every call computes its result from the rows.  The lists are those of
// Store.
class View {
 public:
  View(const Rows& rows, UserId viewer) : rows_(rows), viewer_(viewer) {}

  // Whether a block, by either side, separates the viewer and `user`.
  bool SeparatedByBlock(UserId user) const;
  bool Sees(const Photo& photo) const;
  // Whether the viewer, who sees the photo, sees the likes and comments of
  // `user` on it.
  bool SeesUnder(const Photo& photo, UserId user) const;
  // OK if the user or photo exists and is visible, else NOT_FOUND.
  absl::Status CheckUser(UserId user) const;
  absl::Status CheckPhoto(PhotoId photo) const;

  absl::StatusOr<User> FindUser(UserId user) const;
  absl::StatusOr<User> FindUser(std::string_view handle) const;
  std::vector<User> SearchUsers(std::string_view prefix, std::string_view after,
                                int limit) const;
  absl::StatusOr<Page<User>> ListFollowers(UserId user, PageRequest page) const;
  absl::StatusOr<Page<User>> ListFollowing(UserId user, PageRequest page) const;

  absl::StatusOr<Photo> FindPhoto(PhotoId photo) const;
  absl::StatusOr<Page<Photo>> ListPhotos(UserId owner, PageRequest page) const;
  Page<Photo> ListRecentPhotos(PageRequest page) const;
  Page<Photo> ListFeed(PageRequest page) const;
  std::vector<Photo> ListFeedSince(PhotoId after, int limit) const;

  absl::StatusOr<Page<Like>> ListLikes(PhotoId photo, PageRequest page) const;
  absl::StatusOr<Page<Comment>> ListComments(PhotoId photo,
                                             PageRequest page) const;
  // The viewer's own lists.
  Page<std::string> ListBlocks(PageRequest page) const;
  Page<Notification> ListNotifications(PageRequest page) const;
  Page<Session> ListSessions(PageRequest page, absl::Time now) const;
  // The same for all viewers.
  Page<Removal> ListRemovals(PageRequest page) const;

  User Show(const UserRow& user) const;
  Photo Show(const Photo& photo) const;
  Comment Show(const CommentRow& comment) const;

 private:
  bool Follows(UserId follower, UserId followee) const;
  // The largest visibility of `owner`'s photos that the viewer sees, ignoring
  // blocks.
  Visibility Reach(UserId owner) const;
  bool InFeed(const Photo& photo) const;
  std::vector<Notification> Notifications(const UserRow& user) const;

  const Rows& rows_;
  const UserId viewer_;
};

// The row of a user that exists.
const UserRow& UserOf(const Rows& rows, UserId user);
bool IsAdministrator(const Rows& rows, UserId user);
// A session with the user's data.
Session ShowSession(const Rows& rows, Session session);

}  // namespace pinhole::testing::model
