// SPDX-License-Identifier: Apache-2.0

// Handles of deleted accounts, which nobody can take for
// limits::kHandleReservation: links and mentions must not lead to somebody else
// at once.

#ifndef PINHOLE_SERVER_STORE_SQLITE_TABLES_RESERVED_HANDLES_H_
#define PINHOLE_SERVER_STORE_SQLITE_TABLES_RESERVED_HANDLES_H_

#include <string>

#include "absl/status/status.h"
#include "server/model/ids.h"
#include "server/store/sqlite/db/write_transaction.h"

namespace pinhole::store {

// The handle of `user`, whose account is about to be deleted.
void ReserveHandle(WriteTransaction& transaction, UserId user);

// Errors: ALREADY_EXISTS.
absl::Status CheckNotReserved(WriteTransaction& transaction,
                              const std::string& handle);

// Forgets handles that can be taken again, at most `limit`.
void PurgeReservedHandles(WriteTransaction& transaction, int limit);

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_TABLES_RESERVED_HANDLES_H_
