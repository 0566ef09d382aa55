// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/viewer_ties.h"
#include "server/store/sqlite/db/write_transaction.h"
#include "server/store/store.h"

namespace pinhole::store {

// The relationship between an acting user and another user.
struct Ties {
  Relationship relationship;
  bool blocked = false;  // The other user blocks the actor.
  std::int32_t actor_following_count = 0;
};

ViewerTies ReadTies(Connection& db, UserId viewer);
bool Follows(Connection& db, UserId follower, UserId followee);

// Ignores blocks.  Errors: NOT_FOUND (one of the users does not exist).
absl::StatusOr<Ties> FindTies(Connection& db, UserId actor, UserId user);

absl::StatusOr<Page<User>> ListFollowers(Connection& db, UserId viewer,
                                         UserId user, PageRequest page);
absl::StatusOr<Page<User>> ListFollowing(Connection& db, UserId viewer,
                                         UserId user, PageRequest page);

// Removes a follow, if it exists, with its notification, and updates the
// counts.
void EndFollow(WriteTransaction& transaction, UserId follower, UserId followee);

absl::StatusOr<Relationship> Apply(WriteTransaction&, const FollowUser&);
absl::StatusOr<Relationship> Apply(WriteTransaction&, const UnfollowUser&);

}  // namespace pinhole::store
