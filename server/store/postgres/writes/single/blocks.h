// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/postgres/writes/write_transaction.h"

namespace pinhole::postgres {

absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const BlockUser& command);
absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const UnblockUser& command);

}  // namespace pinhole::postgres
