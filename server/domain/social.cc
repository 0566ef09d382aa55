// SPDX-License-Identifier: Apache-2.0

#include "server/domain/social.h"

#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "server/domain/missing.h"

namespace pinhole::domain {

Social::Social(Store& store, ThreadPool& read_pool)
    : store_(store), read_pool_(read_pool) {}

Task<absl::StatusOr<Relationship>> Social::Follow(Actor actor,
                                                  std::string handle) {
  CO_ASSIGN_OR_RETURN(const User user,
                      OrMissing(store_.FindUser(actor.user, handle), handle));
  if (user.id == actor.user) {
    co_return InvalidField("name", "must not be your own account");
  }
  FollowUser follow{.actor = actor.user, .user = user.id};
  co_return OrMissing(
      co_await store_.Execute(std::move(follow), actor.options()), handle);
}

Task<absl::StatusOr<Relationship>> Social::Unfollow(Actor actor,
                                                    std::string handle) {
  CO_ASSIGN_OR_RETURN(const User user,
                      OrMissing(store_.FindUser(actor.user, handle), handle));
  UnfollowUser unfollow{.actor = actor.user, .user = user.id};
  co_return OrMissing(
      co_await store_.Execute(std::move(unfollow), actor.options()), handle);
}

Task<absl::StatusOr<Relationship>> Social::Block(Actor actor,
                                                 std::string handle) {
  CO_ASSIGN_OR_RETURN(const Credentials user,
                      OrMissing(store_.FindCredentials(handle), handle));
  if (user.id == actor.user) {
    co_return InvalidField("name", "must not be your own account");
  }
  BlockUser block{.actor = actor.user, .user = user.id};
  co_return OrMissing(
      co_await store_.Execute(std::move(block), actor.options()), handle);
}

Task<absl::StatusOr<Relationship>> Social::Unblock(Actor actor,
                                                   std::string handle) {
  CO_ASSIGN_OR_RETURN(const Credentials user,
                      OrMissing(store_.FindCredentials(handle), handle));
  UnblockUser unblock{.actor = actor.user, .user = user.id};
  co_return OrMissing(
      co_await store_.Execute(std::move(unblock), actor.options()), handle);
}

Task<absl::StatusOr<Page<User>>> Social::ListFollowers(UserId viewer,
                                                       std::string handle,
                                                       PageRequest page) {
  auto list = [this, viewer, &handle, page]() -> absl::StatusOr<Page<User>> {
    ASSIGN_OR_RETURN(const User user,
                     OrMissing(store_.FindUser(viewer, handle), handle));
    return OrMissing(store_.ListFollowers(viewer, user.id, page), handle);
  };
  co_return co_await RunOn(read_pool_, std::move(list));
}

Task<absl::StatusOr<Page<User>>> Social::ListFollowing(UserId viewer,
                                                       std::string handle,
                                                       PageRequest page) {
  auto list = [this, viewer, &handle, page]() -> absl::StatusOr<Page<User>> {
    ASSIGN_OR_RETURN(const User user,
                     OrMissing(store_.FindUser(viewer, handle), handle));
    return OrMissing(store_.ListFollowing(viewer, user.id, page), handle);
  };
  co_return co_await RunOn(read_pool_, std::move(list));
}

Task<absl::StatusOr<Page<std::string>>> Social::ListBlocks(UserId actor,
                                                           PageRequest page) {
  auto list = [this, actor, page] { return store_.ListBlocks(actor, page); };
  co_return co_await RunOn(read_pool_, std::move(list));
}

Task<absl::StatusOr<LikeState>> Social::Like(Actor actor, PhotoId photo) {
  LikePhoto like{.actor = actor.user, .photo = photo};
  co_return OrMissing(co_await store_.Execute(std::move(like), actor.options()),
                      photo);
}

Task<absl::StatusOr<LikeState>> Social::Unlike(Actor actor, PhotoId photo) {
  UnlikePhoto unlike{.actor = actor.user, .photo = photo};
  co_return OrMissing(
      co_await store_.Execute(std::move(unlike), actor.options()), photo);
}

Task<absl::StatusOr<Page<pinhole::Like>>> Social::ListLikes(UserId viewer,
                                                            PhotoId photo,
                                                            PageRequest page) {
  auto list = [this, viewer, photo,
               page]() -> absl::StatusOr<Page<pinhole::Like>> {
    RETURN_IF_ERROR(OrMissing(store_.FindPhoto(viewer, photo), photo).status());
    return OrMissing(store_.ListLikes(viewer, photo, page), photo);
  };
  co_return co_await RunOn(read_pool_, std::move(list));
}

Task<absl::StatusOr<Comment>> Social::CreateComment(Actor actor, PhotoId photo,
                                                    std::string text,
                                                    RequestKey request) {
  const bool visible = store_.FindPhoto(actor.user, photo).ok();
  pinhole::CreateComment create{.actor = actor.user,
                                .photo = photo,
                                .text = std::move(text),
                                .request = std::move(request)};
  absl::StatusOr<Comment> comment =
      co_await store_.Execute(std::move(create), actor.options());
  // The photo is visible, so the comment of the repeated request is what is
  // missing: the store's own error says so.
  if (visible) co_return comment;
  co_return OrMissing(std::move(comment), photo);
}

Task<absl::StatusOr<Page<Comment>>> Social::ListComments(UserId viewer,
                                                         PhotoId photo,
                                                         PageRequest page) {
  auto list = [this, viewer, photo, page]() -> absl::StatusOr<Page<Comment>> {
    RETURN_IF_ERROR(OrMissing(store_.FindPhoto(viewer, photo), photo).status());
    return OrMissing(store_.ListComments(viewer, photo, page), photo);
  };
  co_return co_await RunOn(read_pool_, std::move(list));
}

Task<absl::StatusOr<std::optional<Removal>>> Social::DeleteComment(
    Actor actor, PhotoId photo, CommentId comment) {
  pinhole::DeleteComment command{
      .actor = actor.user, .photo = photo, .comment = comment};
  CO_ASSIGN_OR_RETURN(
      const pinhole::DeleteComment::Result deleted,
      OrMissing(co_await store_.Execute(std::move(command), actor.options()),
                photo, comment));
  co_return deleted.removal;
}

Task<absl::StatusOr<Page<Notification>>> Social::ListNotifications(
    UserId actor, PageRequest page) {
  auto list = [this, actor, page] {
    return store_.ListNotifications(actor, page);
  };
  co_return co_await RunOn(read_pool_, std::move(list));
}

Task<absl::Status> Social::MarkNotificationsRead(Actor actor,
                                                 NotificationId last) {
  pinhole::MarkNotificationsRead mark{.user = actor.user, .last = last};
  const auto marked = co_await store_.Execute(std::move(mark), actor.options());
  co_return marked.status();
}

}  // namespace pinhole::domain
