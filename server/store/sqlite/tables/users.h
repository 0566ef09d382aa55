// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/db/write_transaction.h"

namespace pinhole::store {

// The columns of a user `u` as the viewer ?1 sees them, and their reader, for
// which they start at column `first`.
std::string UserColumns();
User ReadUser(Query& query, int first);

// OK if `user` exists and no block hides them from `viewer`, else NOT_FOUND.
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

// Forgets at most `limit` handles of deleted accounts that can be taken again.
void PurgeReservedHandles(WriteTransaction& transaction, int limit);

absl::StatusOr<User> Apply(WriteTransaction&, const CreateUser&);
absl::StatusOr<User> Apply(WriteTransaction&, const UpdateUser&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const ChangePassword&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const SetAdministrator&);
absl::StatusOr<DeleteUser::Result> Apply(WriteTransaction&, const DeleteUser&);

}  // namespace pinhole::store
