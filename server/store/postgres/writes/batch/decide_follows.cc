// SPDX-License-Identifier: Apache-2.0

#include <optional>

#include "base/status_macros.h"
#include "server/model/limits.h"
#include "server/store/postgres/writes/batch/decide.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {
namespace {

template <typename C>
void WantFollow(Draft& draft, const C& command) {
  draft.users.Want(command.actor);
  draft.users.Want(command.user);
  draft.ties.Want(command.actor, command.user);
}

// Errors: NOT_FOUND (no such user, or a block separates them).
template <typename C>
absl::StatusOr<Relationship> FindRelationship(const Draft& draft,
                                              const C& command) {
  const Users::Row* const user = draft.users.Find(command.user);
  if (user == nullptr || draft.users.Find(command.actor) == nullptr ||
      draft.ties.Separated(command.actor, command.user)) {
    return store::NoSuchUser();
  }
  Relationship relationship;
  relationship.handle = user->handle;
  relationship.following =
      draft.ties.Follow(command.actor, command.user).has_value();
  relationship.followed_by =
      draft.ties.Follow(command.user, command.actor).has_value();
  return relationship;
}

}  // namespace

void Want(Draft& draft, const FollowUser& command) {
  WantFollow(draft, command);
}

void Want(Draft& draft, const UnfollowUser& command) {
  WantFollow(draft, command);
}

absl::StatusOr<Relationship> Decide(Draft& draft, const FollowUser& command) {
  if (command.actor == command.user) return store::IsCaller();
  ASSIGN_OR_RETURN(Relationship relationship, FindRelationship(draft, command));
  if (relationship.following) return relationship;
  if (draft.users.Find(command.actor)->following_count >=
      limits::kMaxFollowing) {
    return store::TooManyFollowed();
  }
  const std::int64_t id = draft.transaction.NewId();
  draft.ties.AddFollow(command.actor, command.user, id);
  draft.users.CountFollow(command.actor, command.user, +1);
  draft.notifications.Add(command.user, id, Notification::Kind::kFollow,
                          command.actor, PhotoId{});
  relationship.following = true;
  return relationship;
}

absl::StatusOr<Relationship> Decide(Draft& draft, const UnfollowUser& command) {
  ASSIGN_OR_RETURN(Relationship relationship, FindRelationship(draft, command));
  const std::optional<std::int64_t> id =
      draft.ties.Follow(command.actor, command.user);
  if (!id) return relationship;
  draft.ties.RemoveFollow(command.actor, command.user);
  draft.users.CountFollow(command.actor, command.user, -1);
  draft.notifications.Remove(command.user, *id);
  relationship.following = false;
  return relationship;
}

}  // namespace pinhole::postgres
