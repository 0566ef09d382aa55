// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_TABLES_USERS_H_
#define PINHOLE_SERVER_STORE_SQLITE_TABLES_USERS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/write_transaction.h"

namespace pinhole::store {

// The columns of a user `u` as the viewer ?1 sees them, and their reader; the
// first is column `first`.
std::string UserColumns();
User ReadUser(Query& query, int first);

absl::Status NoSuchUser();

// OK if `user` exists and `viewer` may know; NOT_FOUND otherwise.
absl::Status CheckUser(Connection& db, UserId viewer, UserId user);

absl::StatusOr<User> FindUser(Connection& db, UserId viewer, UserId user);
absl::StatusOr<User> FindUser(Connection& db, UserId viewer,
                              std::string_view handle);
std::vector<User> SearchUsers(Connection& db, UserId viewer,
                              std::string_view prefix, std::string_view after,
                              int limit);
absl::StatusOr<Credentials> FindCredentials(Connection& db,
                                            std::string_view handle);
absl::StatusOr<Credentials> FindCredentials(Connection& db, UserId user);

bool IsAdministrator(Connection& db, UserId user);
std::vector<std::string> ListAdministrators(Connection& db);

absl::StatusOr<User> Apply(WriteTransaction& transaction,
                           const CreateUser& command);
absl::StatusOr<User> Apply(WriteTransaction& transaction,
                           const UpdateUser& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ChangePassword& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const SetAdministrator& command);
absl::StatusOr<DeleteUser::Result> Apply(WriteTransaction& transaction,
                                         const DeleteUser& command);

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_TABLES_USERS_H_
