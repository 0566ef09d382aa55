// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/postgres/writes/single/transactions.h"

namespace pinhole::postgres {

// Also continues deletions of users that were begun more than a minute ago and
// are not finished.  Does nothing while another server purges.
absl::StatusOr<Nothing> Run(Transactions& transactions,
                            const PurgeExpired& command);

}  // namespace pinhole::postgres
