// SPDX-License-Identifier: Apache-2.0

#include "server/domain/social.h"

#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "server/domain/missing.h"

namespace pinhole::domain {

Social::Social(Store& store) : store_(store) {}

Task<absl::StatusOr<Relationship>> Social::Follow(Actor actor,
                                                  std::string handle) {
  auto find = [&actor, &handle](const StoreReader& reader) {
    return reader.FindUser(actor.user, handle);
  };
  CO_ASSIGN_OR_RETURN(const User user,
                      OrMissing(co_await store_.Look(std::move(find)), handle));
  if (user.id == actor.user) {
    co_return InvalidField("name", "must not be your own account");
  }
  FollowUser follow{.actor = actor.user, .user = user.id};
  co_return OrMissing(
      co_await store_.Execute(std::move(follow), actor.options()), handle);
}

Task<absl::StatusOr<Relationship>> Social::Unfollow(Actor actor,
                                                    std::string handle) {
  auto find = [&actor, &handle](const StoreReader& reader) {
    return reader.FindUser(actor.user, handle);
  };
  CO_ASSIGN_OR_RETURN(const User user,
                      OrMissing(co_await store_.Look(std::move(find)), handle));
  UnfollowUser unfollow{.actor = actor.user, .user = user.id};
  co_return OrMissing(
      co_await store_.Execute(std::move(unfollow), actor.options()), handle);
}

Task<absl::StatusOr<Relationship>> Social::Block(Actor actor,
                                                 std::string handle) {
  auto find = [&handle](const StoreReader& reader) {
    return reader.FindCredentials(handle);
  };
  CO_ASSIGN_OR_RETURN(const Credentials user,
                      OrMissing(co_await store_.Look(std::move(find)), handle));
  if (user.id == actor.user) {
    co_return InvalidField("name", "must not be your own account");
  }
  BlockUser block{.actor = actor.user, .user = user.id};
  co_return OrMissing(
      co_await store_.Execute(std::move(block), actor.options()), handle);
}

Task<absl::StatusOr<Relationship>> Social::Unblock(Actor actor,
                                                   std::string handle) {
  auto find = [&handle](const StoreReader& reader) {
    return reader.FindCredentials(handle);
  };
  CO_ASSIGN_OR_RETURN(const Credentials user,
                      OrMissing(co_await store_.Look(std::move(find)), handle));
  UnblockUser unblock{.actor = actor.user, .user = user.id};
  co_return OrMissing(
      co_await store_.Execute(std::move(unblock), actor.options()), handle);
}

Task<absl::StatusOr<Page<User>>> Social::ListFollowers(UserId viewer,
                                                       std::string handle,
                                                       PageRequest page) {
  auto list = [viewer, &handle,
               page](const StoreReader& reader) -> absl::StatusOr<Page<User>> {
    ASSIGN_OR_RETURN(const User user,
                     OrMissing(reader.FindUser(viewer, handle), handle));
    return OrMissing(reader.ListFollowers(viewer, user.id, page), handle);
  };
  co_return co_await store_.Scan(std::move(list));
}

Task<absl::StatusOr<Page<User>>> Social::ListFollowing(UserId viewer,
                                                       std::string handle,
                                                       PageRequest page) {
  auto list = [viewer, &handle,
               page](const StoreReader& reader) -> absl::StatusOr<Page<User>> {
    ASSIGN_OR_RETURN(const User user,
                     OrMissing(reader.FindUser(viewer, handle), handle));
    return OrMissing(reader.ListFollowing(viewer, user.id, page), handle);
  };
  co_return co_await store_.Scan(std::move(list));
}

Task<absl::StatusOr<Page<std::string>>> Social::ListBlocks(UserId actor,
                                                           PageRequest page) {
  auto list = [actor, page](const StoreReader& reader) {
    return reader.ListBlocks(actor, page);
  };
  co_return co_await store_.Scan(std::move(list));
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
  auto list =
      [viewer, photo,
       page](const StoreReader& reader) -> absl::StatusOr<Page<pinhole::Like>> {
    RETURN_IF_ERROR(OrMissing(reader.FindPhoto(viewer, photo), photo).status());
    return OrMissing(reader.ListLikes(viewer, photo, page), photo);
  };
  co_return co_await store_.Scan(std::move(list));
}

Task<absl::StatusOr<Comment>> Social::CreateComment(Actor actor, PhotoId photo,
                                                    std::string text,
                                                    RequestKey request) {
  auto find = [&actor, photo](const StoreReader& reader) {
    return reader.FindPhoto(actor.user, photo);
  };
  const bool visible = (co_await store_.Look(std::move(find))).ok();
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
  auto list = [viewer, photo, page](
                  const StoreReader& reader) -> absl::StatusOr<Page<Comment>> {
    RETURN_IF_ERROR(OrMissing(reader.FindPhoto(viewer, photo), photo).status());
    return OrMissing(reader.ListComments(viewer, photo, page), photo);
  };
  co_return co_await store_.Scan(std::move(list));
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
  auto list = [actor, page](const StoreReader& reader) {
    return reader.ListNotifications(actor, page);
  };
  co_return co_await store_.Scan(std::move(list));
}

Task<absl::Status> Social::MarkNotificationsRead(Actor actor,
                                                 NotificationId last) {
  pinhole::MarkNotificationsRead mark{.user = actor.user, .last = last};
  const auto marked = co_await store_.Execute(std::move(mark), actor.options());
  co_return marked.status();
}

}  // namespace pinhole::domain
