// SPDX-License-Identifier: Apache-2.0

// The deletion of an account.  The first transaction deletes the row in
// `users`, which hides everything that belongs to the account, because all
// reads and commands need that row.  It also ends the sessions, reserves the
// handle and leaves a row in `deletions`.
//
// The other transactions delete the rest, a limited number of rows in each, so
// that no other command waits for long.  After each of them all counts are
// exact.  They can be run by several servers at the same time and can be
// resumed by another server.

#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/model/ids.h"
#include "server/store/commands.h"
#include "server/store/postgres/writes/single/transactions.h"

namespace pinhole::postgres {

// If the rest is large or cannot be deleted now, the result is OK but does not
// list all files; PurgeExpired deletes the rest, which includes recording them
// as garbage.
absl::StatusOr<DeleteUser::Result> Run(Transactions& transactions,
                                       const DeleteUser& command);

// The transactions of one command, so that others need not wait for minutes.
inline constexpr int kMostTransactions = 100;

// Deletes what is left of a user whose row in `users` is deleted, in at most
// `transactions_left` transactions, which it counts down.  Appends the keys of
// the files that it recorded as garbage to `files`.
absl::Status DeleteRest(Transactions& transactions, UserId user,
                        int& transactions_left,
                        std::vector<std::string>& files);

}  // namespace pinhole::postgres
