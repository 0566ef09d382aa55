// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/write_transaction.h"
#include "server/store/store.h"

namespace pinhole::store {

Page<std::string> ListBlocks(Connection& db, UserId user, PageRequest page);

absl::StatusOr<Relationship> Apply(WriteTransaction&, const BlockUser&);
absl::StatusOr<Relationship> Apply(WriteTransaction&, const UnblockUser&);

}  // namespace pinhole::store
