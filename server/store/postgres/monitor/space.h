// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/status.h"
#include "server/store/postgres/db/connection.h"

namespace pinhole::postgres {

// Finds out whether tables can grow, by filling a table with 1 MB and rolling
// that back.  A write that fails for lack of space does not tell for how long,
// and while the server is not ready it gets no writes to try.
// Errors: RESOURCE_EXHAUSTED (DISK_FULL); others say nothing about the space.
absl::Status CheckSpace(Connection& db);

}  // namespace pinhole::postgres
