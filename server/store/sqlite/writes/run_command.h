// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_WRITES_RUN_COMMAND_H_
#define PINHOLE_SERVER_STORE_SQLITE_WRITES_RUN_COMMAND_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/sqlite/db/write_transaction.h"

namespace pinhole::store {

// Runs any command inside the open transaction.  After an error of a command
// that needs no savepoint nothing has been written.
absl::StatusOr<CommandResult> RunCommand(WriteTransaction& transaction,
                                         const Command& command);

// Whether the command might have written something when it fails.  A savepoint
// costs about 20 us, so the frequent commands look first and write afterwards.
bool NeedsSavepoint(const Command& command);

// How much memory the command holds, about.
std::size_t SizeOf(const Command& command);

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_WRITES_RUN_COMMAND_H_
