// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/postgres/writes/write_transaction.h"

namespace pinhole::postgres {

absl::StatusOr<User> Apply(WriteTransaction& transaction,
                           const UpdateUser& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ChangePassword& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const SetAdministrator& command);
absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const DeleteSession& command);

}  // namespace pinhole::postgres
