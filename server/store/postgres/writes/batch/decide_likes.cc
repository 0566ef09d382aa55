// SPDX-License-Identifier: Apache-2.0

#include <optional>

#include "base/status_macros.h"
#include "server/store/postgres/writes/batch/decide.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {
namespace {

template <typename C>
void WantLike(Draft& draft, const C& command) {
  draft.users.Want(command.actor);
  draft.photos.Want(command.photo);
  draft.likes.Want(command.actor, command.photo);
}

struct Target {
  UserId owner;
  std::optional<std::int64_t> like;
  LikeState state;
};

// Errors: NOT_FOUND (the photo is not visible, or the actor does not exist).
template <typename C>
absl::StatusOr<Target> FindTarget(const Draft& draft, const C& command) {
  if (draft.users.Find(command.actor) == nullptr) return store::NoSuchPhoto();
  ASSIGN_OR_RETURN(const Photos::Row photo,
                   draft.VisiblePhoto(command.actor, command.photo));
  Target target;
  target.owner = photo.owner;
  target.like = draft.likes.Find(command.actor, command.photo);
  target.state.liked = target.like.has_value();
  target.state.like_count =
      draft.likes.Count(command.actor, command.photo, photo, draft.ties);
  return target;
}

}  // namespace

void Want(Draft& draft, const LikePhoto& command) { WantLike(draft, command); }

void Want(Draft& draft, const UnlikePhoto& command) {
  WantLike(draft, command);
  // Transactions that change the same notifications must exclude each other.
  // New ones change none, so a like locks the photo but not its owner.
  draft.users.WantOwner(command.photo);
}

absl::StatusOr<LikeState> Decide(Draft& draft, const LikePhoto& command) {
  ASSIGN_OR_RETURN(const Target target, FindTarget(draft, command));
  if (target.state.liked) return target.state;
  const std::int64_t id = draft.transaction.NewId();
  draft.likes.Add(command.actor, command.photo, target.owner, id);
  draft.photos.CountLike(command.photo, +1);
  draft.notifications.Add(target.owner, id, Notification::Kind::kLike,
                          command.actor, command.photo);
  return LikeState{target.state.like_count + 1, true};
}

absl::StatusOr<LikeState> Decide(Draft& draft, const UnlikePhoto& command) {
  ASSIGN_OR_RETURN(const Target target, FindTarget(draft, command));
  if (!target.state.liked) return target.state;
  draft.likes.Remove(command.actor, command.photo);
  draft.photos.CountLike(command.photo, -1);
  draft.notifications.Remove(target.owner, *target.like);
  return LikeState{target.state.like_count - 1, false};
}

}  // namespace pinhole::postgres
