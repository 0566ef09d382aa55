// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/postgres/writes/single/transactions.h"

namespace pinhole::postgres {

// Also finishes deletions of users that another server began and did not finish
// within a minute.  Does nothing while another server purges.
absl::StatusOr<Nothing> Run(Transactions& transactions,
                            const PurgeExpired& command);

}  // namespace pinhole::postgres
