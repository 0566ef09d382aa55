// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/postgres/writes/single/transactions.h"

namespace pinhole::postgres {

// Runs a command that is not batched, in as many transactions as it needs.
absl::StatusOr<CommandResult> RunSingle(Transactions& transactions,
                                        const Command& command);

}  // namespace pinhole::postgres
