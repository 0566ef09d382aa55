// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/postgres/postgres_store.h"

namespace pinhole::app {

// Opens a store that can be used at once, for a command of the operator, after
// waiting for about `patience`.  Errors: those of OpenPostgresStore;
// FAILED_PRECONDITION (another version of PostgreSQL, of the tables or of this
// program is needed); UNAVAILABLE (the database is not reachable, or accepts no
// writes).
absl::StatusOr<std::unique_ptr<PostgresStore>> OpenPostgres(
    PostgresOptions options, absl::Duration patience);

}  // namespace pinhole::app
