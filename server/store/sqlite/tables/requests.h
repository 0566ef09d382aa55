// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/write_transaction.h"

namespace pinhole::store {

// The id of what the request created; 0 if the key is unknown or expired.
// Errors: INVALID_ARGUMENT (the key was used with another fingerprint).
absl::StatusOr<std::int64_t> FindRequest(Connection& db,
                                         const RequestKey& request,
                                         absl::Time now);

// Stores the result of `request`, which is deleted with the account of `user`.
void RememberRequest(WriteTransaction& transaction, const RequestKey& request,
                     std::int64_t result, UserId user);

absl::StatusOr<Nothing> Apply(WriteTransaction&, const PurgeExpired&);

}  // namespace pinhole::store
