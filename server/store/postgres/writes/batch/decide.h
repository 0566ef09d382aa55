// SPDX-License-Identifier: Apache-2.0

// The commands that are batched, one pair of functions for each.  `Want` names
// the rows that the command concerns, and `Decide`, after these are loaded,
// checks the command and changes them.  A command that is refused changes
// nothing.

#pragma once

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/postgres/writes/draft/draft.h"

namespace pinhole::postgres {

void Want(Draft&, const LikePhoto&);
void Want(Draft&, const UnlikePhoto&);
void Want(Draft&, const CreateComment&);
void Want(Draft&, const FollowUser&);
void Want(Draft&, const UnfollowUser&);
void Want(Draft&, const CreateSession&);
void Want(Draft&, const TouchSession&);
void Want(Draft&, const MarkNotificationsRead&);
void Want(Draft&, const AddPhoto&);
void Want(Draft&, const CreateUser&);

absl::StatusOr<LikeState> Decide(Draft&, const LikePhoto&);
absl::StatusOr<LikeState> Decide(Draft&, const UnlikePhoto&);
absl::StatusOr<Comment> Decide(Draft&, const CreateComment&);
absl::StatusOr<Relationship> Decide(Draft&, const FollowUser&);
absl::StatusOr<Relationship> Decide(Draft&, const UnfollowUser&);
absl::StatusOr<Session> Decide(Draft&, const CreateSession&);
absl::StatusOr<Nothing> Decide(Draft&, const TouchSession&);
absl::StatusOr<Nothing> Decide(Draft&, const MarkNotificationsRead&);
absl::StatusOr<Photo> Decide(Draft&, const AddPhoto&);
absl::StatusOr<User> Decide(Draft&, const CreateUser&);

}  // namespace pinhole::postgres
