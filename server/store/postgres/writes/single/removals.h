// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/statusor.h"
#include "server/model/ids.h"
#include "server/model/removal.h"
#include "server/store/postgres/writes/write_transaction.h"

namespace pinhole::postgres {

// Whether `user`, whose row should be locked, exists and is an administrator.
absl::StatusOr<bool> IsAdministrator(WriteTransaction& transaction,
                                     UserId user);

// Records what `administrator` removes and whose it was, before the removal.
// Both users must exist and be locked.  Of `removed`, the kind, the photo and
// the comment are used.
absl::StatusOr<Removal> RecordRemoval(WriteTransaction& transaction,
                                      UserId administrator, UserId owner,
                                      Removal removed);

}  // namespace pinhole::postgres
