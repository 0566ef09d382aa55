// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/sqlite/db/write_transaction.h"

namespace pinhole::store {

// Runs a command inside the open transaction.  A command that fails and needs
// no savepoint has written nothing.
absl::StatusOr<CommandResult> RunCommand(WriteTransaction& transaction,
                                         const Command& command);

// Whether the command can fail after it wrote something.  A savepoint costs
// about 20 us, so the frequent commands do all checks before they write.
bool NeedsSavepoint(const Command& command);

}  // namespace pinhole::store
