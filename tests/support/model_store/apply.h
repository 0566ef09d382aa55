// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_TESTS_SUPPORT_MODEL_STORE_APPLY_H_
#define PINHOLE_TESTS_SUPPORT_MODEL_STORE_APPLY_H_

#include <algorithm>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/commands.h"
#include "tests/support/model_store/rows.h"

namespace pinhole::testing::model {

// What a command has while it is applied.
struct WriteTransaction {
  Rows& rows;
  absl::Time now;  // In whole milliseconds.

  // Larger than all before, whatever the clock does.
  std::int64_t NewId() {
    rows.last_id = std::max(rows.last_id + 1, absl::ToUnixMillis(now) << 22);
    return rows.last_id;
  }
};

// What a request key led to, 0 if it is unknown or forgotten.
// Errors: INVALID_ARGUMENT (known with another fingerprint).
absl::StatusOr<std::int64_t> FindRequest(const Rows& rows,
                                         const RequestKey& request,
                                         absl::Time now);
void RememberRequest(WriteTransaction& transaction, const RequestKey& request,
                     std::int64_t result, UserId user);

// Records that `administrator` removes something of `owner`'s.
Removal RecordRemoval(WriteTransaction& transaction, UserId administrator,
                      UserId owner, Removal removed);

// Each leaves the rows as they were if it returns an error.
absl::StatusOr<User> Apply(WriteTransaction& transaction,
                           const CreateUser& command);
absl::StatusOr<User> Apply(WriteTransaction& transaction,
                           const UpdateUser& command);
absl::StatusOr<DeleteUser::Result> Apply(WriteTransaction& transaction,
                                         const DeleteUser& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ChangePassword& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const SetAdministrator& command);
absl::StatusOr<Session> Apply(WriteTransaction& transaction,
                              const CreateSession& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const DeleteSession& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const TouchSession& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const PurgeExpired& command);

absl::StatusOr<Photo> Apply(WriteTransaction& transaction,
                            const AddPhoto& command);
absl::StatusOr<Photo> Apply(WriteTransaction& transaction,
                            const UpdatePhoto& command);
absl::StatusOr<DeletePhoto::Result> Apply(WriteTransaction& transaction,
                                          const DeletePhoto& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ReplacePhotoFiles& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const OutdateRenditions& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ForgetGarbage& command);

absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const FollowUser& command);
absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const UnfollowUser& command);
absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const BlockUser& command);
absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const UnblockUser& command);
absl::StatusOr<LikeState> Apply(WriteTransaction& transaction,
                                const LikePhoto& command);
absl::StatusOr<LikeState> Apply(WriteTransaction& transaction,
                                const UnlikePhoto& command);
absl::StatusOr<Comment> Apply(WriteTransaction& transaction,
                              const CreateComment& command);
absl::StatusOr<DeleteComment::Result> Apply(WriteTransaction& transaction,
                                            const DeleteComment& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const MarkNotificationsRead& command);

}  // namespace pinhole::testing::model

#endif  // PINHOLE_TESTS_SUPPORT_MODEL_STORE_APPLY_H_
