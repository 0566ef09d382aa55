// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/postgres/writes/write_transaction.h"

namespace pinhole::postgres {

absl::StatusOr<DeleteComment::Result> Apply(WriteTransaction& transaction,
                                            const DeleteComment& command);

}  // namespace pinhole::postgres
