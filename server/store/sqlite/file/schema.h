// SPDX-License-Identifier: Apache-2.0

// The tables, and how a database gets from one version of them to the next.

#ifndef PINHOLE_SERVER_STORE_SQLITE_FILE_SCHEMA_H_
#define PINHOLE_SERVER_STORE_SQLITE_FILE_SCHEMA_H_

#include "absl/status/status.h"
#include "server/store/sqlite/db/connection.h"

namespace pinhole::store {

// "PNHL": marks a file as ours.
inline constexpr int kApplicationId = 0x504E484C;

// The version that this program makes and needs.
int CurrentSchemaVersion();
// That of a database; 0 if it is empty.
int SchemaVersion(Connection& db);

// Whether the file is empty or ours and not newer than this program.  Changes
// nothing.  Errors: FAILED_PRECONDITION.
absl::Status CheckIdentity(Connection& db);

// Brings the tables up to date, one transaction per step.
void Migrate(Connection& db);

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_FILE_SCHEMA_H_
