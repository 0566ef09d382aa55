// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "absl/status/status.h"
#include "server/model/user.h"
#include "server/store/postgres/db/result.h"
#include "server/store/postgres/reads/visibility.h"

namespace pinhole::postgres {

// The columns of a user `u` as the viewer $1 sees them, and their reader, for
// which they start at column `first`.  Require kWithViewer (visibility.h).
std::string UserColumns(Viewers viewers = Viewers::kAll);
User ReadUser(const Row& row, int first);

absl::Status NoSuchUser();

}  // namespace pinhole::postgres
