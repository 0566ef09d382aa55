// SPDX-License-Identifier: Apache-2.0

// The tables, and the steps that upgrade them from one version to the next.

#pragma once

#include "absl/status/status.h"
#include "server/store/sqlite/db/connection.h"

namespace pinhole::store {

// "PNHL": identifies the files of this application.
inline constexpr int kApplicationId = 0x504E484C;

// The version that this program creates and requires.
int CurrentSchemaVersion();
// The version of a database; 0 if it is empty.
int SchemaVersion(Connection& db);

// Checks that the file is empty, or a Pinhole database that is not newer than
// this program.  Changes nothing.  Errors: FAILED_PRECONDITION.
absl::Status CheckIdentity(Connection& db);

// Upgrades the tables to the current version, one transaction per step.
void Migrate(Connection& db);

}  // namespace pinhole::store
