// SPDX-License-Identifier: Apache-2.0

// The version of the tables, and upgrades while servers are running.

#pragma once

#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/schema/steps.h"

namespace pinhole::postgres {

struct SchemaVersion {
  int version = 0;     // 0: an empty database.
  int min_server = 0;  // The version of the oldest servers that can use it.
};

// The version of a database.  Errors: FAILED_PRECONDITION (it has tables of
// another application, or an encoding other than UTF-8).
absl::StatusOr<SchemaVersion> ReadSchemaVersion(Connection& db);

// Upgrades the tables to the version of this program, unless they already have
// it or a newer one that this program can use.  Each step is one transaction
// under an advisory lock, so any number of servers can call this at once.
// Requires a connection of kind kUpgrade.
//
// Errors: FAILED_PRECONDITION (as above, or this program is too old for the
// tables); UNAVAILABLE with DATABASE_BUSY (running servers had a table locked;
// nothing has changed, and the caller can try again).
absl::Status Migrate(Connection& db,
                     std::span<const SchemaStep> steps = SchemaSteps());

// A random 32-byte secret that is created with the tables.
absl::StatusOr<std::string> ReadSecret(Connection& db);

}  // namespace pinhole::postgres
