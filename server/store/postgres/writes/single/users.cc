// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/single/users.h"

#include "base/status_macros.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {

absl::StatusOr<User> Apply(WriteTransaction& transaction,
                           const UpdateUser& command) {
  static const Statement kUpdate(
      "UPDATE users SET display_name = coalesce($2, display_name), "
      "bio = coalesce($3, bio) WHERE id = $1");
  RETURN_IF_ERROR(
      transaction.db
          .Query(kUpdate, command.user, command.display_name, command.bio)
          .status());
  return transaction.reader().FindUser(command.user, command.user);
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ChangePassword& command) {
  static const Statement kUpdate(
      "UPDATE users SET password_hash = $2 WHERE id = $1");
  // The row of the user stays locked, so no session begins meanwhile.
  static const Statement kEndOtherSessions(
      "DELETE FROM sessions WHERE id IN "
      "(SELECT id FROM sessions WHERE user_id = $1 AND id <> $2 "
      "ORDER BY id FOR UPDATE)");
  ASSIGN_OR_RETURN(
      const Result updated,
      transaction.db.Query(kUpdate, command.user, command.password_hash));
  if (updated.rows_affected() == 0) return store::NoSuchUser();
  transaction.pipeline.Add(kEndOtherSessions, command.user, command.keep);
  return Nothing{};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const SetAdministrator& command) {
  static const Statement kUpdate(
      "UPDATE users SET administrator = $2 WHERE id = $1");
  ASSIGN_OR_RETURN(
      const Result updated,
      transaction.db.Query(kUpdate, command.user, command.administrator));
  if (updated.rows_affected() == 0) return store::NoSuchUser();
  return Nothing{};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const DeleteSession& command) {
  static const Statement kDelete(
      "DELETE FROM sessions WHERE id = $1 AND user_id = $2");
  ASSIGN_OR_RETURN(
      const Result deleted,
      transaction.db.Query(kDelete, command.session, command.user));
  if (deleted.rows_affected() == 0) return store::NoSuchSession();
  return Nothing{};
}

}  // namespace pinhole::postgres
