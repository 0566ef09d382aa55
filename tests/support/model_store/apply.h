// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/commands.h"
#include "tests/support/model_store/rows.h"

namespace pinhole::testing::model {

// The context in which a command is applied.
struct WriteTransaction {
  Rows& rows;
  absl::Time now;  // In whole milliseconds.
  int node = 0;    // The node whose ids the command uses.

  // Larger than all previous ids of the node even if the clock goes back.
  std::int64_t NewId() {
    std::int64_t& tick = rows.last_ticks[node];
    tick = std::max(tick + 1, absl::ToUnixMillis(now) << 12);
    return tick << 10 | node;
  }
};

// The id of what the request created; 0 if the key is unknown or expired.
// Errors: INVALID_ARGUMENT (the key was used with another fingerprint).
absl::StatusOr<std::int64_t> FindRequest(const Rows& rows,
                                         const RequestKey& request,
                                         absl::Time now);
void RememberRequest(WriteTransaction& transaction, const RequestKey& request,
                     std::int64_t result, UserId user);

// Records that `administrator` removes content of `owner`.
Removal RecordRemoval(WriteTransaction& transaction, UserId administrator,
                      UserId owner, Removal removed);

// Commands that return an error leave the rows unchanged.
absl::StatusOr<User> Apply(WriteTransaction&, const CreateUser&);
absl::StatusOr<User> Apply(WriteTransaction&, const UpdateUser&);
absl::StatusOr<DeleteUser::Result> Apply(WriteTransaction&, const DeleteUser&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const ChangePassword&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const SetAdministrator&);
absl::StatusOr<Session> Apply(WriteTransaction&, const CreateSession&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const DeleteSession&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const TouchSession&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const PurgeExpired&);

absl::StatusOr<Nothing> Apply(WriteTransaction&, const RecordUpload&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const GiveUpUpload&);
absl::StatusOr<Photo> Apply(WriteTransaction&, const AddPhoto&);
absl::StatusOr<Photo> Apply(WriteTransaction&, const UpdatePhoto&);
absl::StatusOr<DeletePhoto::Result> Apply(WriteTransaction&,
                                          const DeletePhoto&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const ReplacePhotoFiles&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const OutdateRenditions&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const ForgetGarbage&);

absl::StatusOr<Relationship> Apply(WriteTransaction&, const FollowUser&);
absl::StatusOr<Relationship> Apply(WriteTransaction&, const UnfollowUser&);
absl::StatusOr<Relationship> Apply(WriteTransaction&, const BlockUser&);
absl::StatusOr<Relationship> Apply(WriteTransaction&, const UnblockUser&);
absl::StatusOr<LikeState> Apply(WriteTransaction&, const LikePhoto&);
absl::StatusOr<LikeState> Apply(WriteTransaction&, const UnlikePhoto&);
absl::StatusOr<Comment> Apply(WriteTransaction&, const CreateComment&);
absl::StatusOr<DeleteComment::Result> Apply(WriteTransaction&,
                                            const DeleteComment&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const MarkNotificationsRead&);

}  // namespace pinhole::testing::model
