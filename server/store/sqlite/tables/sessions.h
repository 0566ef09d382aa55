// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/write_transaction.h"
#include "server/store/store.h"

namespace pinhole::store {

absl::StatusOr<Session> FindSession(Connection& db, std::string_view token_hash,
                                    absl::Time now);
// Records in `changes` that the session with that token ended.
void RecordEndedSession(WriteTransaction& transaction, std::string token_hash);
Page<Session> ListSessions(Connection& db, UserId user, PageRequest page,
                           absl::Time now);

absl::StatusOr<Session> Apply(WriteTransaction&, const CreateSession&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const DeleteSession&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const TouchSession&);

}  // namespace pinhole::store
