// SPDX-License-Identifier: Apache-2.0

// Follows, blocks, likes, comments and notifications.

#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/async/task.h"
#include "server/domain/actor.h"
#include "server/model/ids.h"
#include "server/model/photo.h"
#include "server/model/social.h"
#include "server/model/user.h"
#include "server/store/store.h"

namespace pinhole::domain {

// Thread-safe.  Users are named by normalized handle; comments must be
// normalized by text.h.  Resources hidden from the actor are NOT_FOUND.
class Social {
 public:
  // `store` must outlive this object.
  explicit Social(Store& store);

  // These four are idempotent. Errors: NOT_FOUND; INVALID_ARGUMENT (`Follow` or
  // `Block` of oneself); FAILED_PRECONDITION (`Follow` and `Block`:
  // limits::kMaxFollowing, limits::kMaxBlocks).
  Task<absl::StatusOr<Relationship>> Follow(Actor actor, std::string handle);
  Task<absl::StatusOr<Relationship>> Unfollow(Actor actor, std::string handle);
  Task<absl::StatusOr<Relationship>> Block(Actor actor, std::string handle);
  Task<absl::StatusOr<Relationship>> Unblock(Actor actor, std::string handle);

  // Latest first.
  Task<absl::StatusOr<Page<User>>> ListFollowers(UserId viewer,
                                                 std::string handle,
                                                 PageRequest page);
  Task<absl::StatusOr<Page<User>>> ListFollowing(UserId viewer,
                                                 std::string handle,
                                                 PageRequest page);
  Task<absl::StatusOr<Page<std::string>>> ListBlocks(UserId actor,
                                                     PageRequest page);

  // Both are idempotent.
  Task<absl::StatusOr<LikeState>> Like(Actor actor, PhotoId photo);
  Task<absl::StatusOr<LikeState>> Unlike(Actor actor, PhotoId photo);
  // Latest first.
  Task<absl::StatusOr<Page<pinhole::Like>>> ListLikes(UserId viewer,
                                                      PhotoId photo,
                                                      PageRequest page);

  // Errors: NOT_FOUND, also if `request` was answered before and its comment is
  // deleted; INVALID_ARGUMENT (`request` was used with other content).
  Task<absl::StatusOr<Comment>> CreateComment(Actor actor, PhotoId photo,
                                              std::string text,
                                              RequestKey request);
  // Oldest first.
  Task<absl::StatusOr<Page<Comment>>> ListComments(UserId viewer, PhotoId photo,
                                                   PageRequest page);
  // Allowed for the comment's author, the photo's owner and administrators,
  // whether or not the comment is visible to them.  Returns the audit record if
  // the actor is neither author nor owner. Errors: NOT_FOUND, PERMISSION_DENIED
  // (the actor is none of these).
  Task<absl::StatusOr<std::optional<Removal>>> DeleteComment(Actor actor,
                                                             PhotoId photo,
                                                             CommentId comment);

  // Latest first.
  Task<absl::StatusOr<Page<Notification>>> ListNotifications(UserId actor,
                                                             PageRequest page);
  // Marks `last` and all notifications before it; all if `last` is 0.
  Task<absl::Status> MarkNotificationsRead(Actor actor, NotificationId last);

 private:
  Store& store_;
};

}  // namespace pinhole::domain
