// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/postgres/writes/single/transactions.h"
#include "server/store/postgres/writes/write_transaction.h"

namespace pinhole::postgres {

absl::StatusOr<Photo> Apply(WriteTransaction& transaction,
                            const UpdatePhoto& command);
absl::StatusOr<DeletePhoto::Result> Apply(WriteTransaction& transaction,
                                          const DeletePhoto& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ReplacePhotoFiles& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ForgetGarbage& command);

// In several transactions, so that no photo stays locked for long.
absl::StatusOr<Nothing> Run(Transactions& transactions,
                            const OutdateRenditions& command);

}  // namespace pinhole::postgres
