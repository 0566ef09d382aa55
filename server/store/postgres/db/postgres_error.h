// SPDX-License-Identifier: Apache-2.0

// Conversion of PostgreSQL's errors.  The only place that interprets SQLSTATE
// codes (https://www.postgresql.org/docs/current/errcodes-appendix.html).

#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace pinhole::postgres {

// The error for `sqlstate`, which is empty if libpq itself reports the error:
//
//   UNAVAILABLE, STORAGE_UNAVAILABLE  the connection is lost or refused, the
//                                     server is shutting down or read-only
//   UNAVAILABLE, DATABASE_BUSY        a conflict, a lock or statement timeout
//   RESOURCE_EXHAUSTED, DISK_FULL     with a retry delay
//   RESOURCE_EXHAUSTED, OUT_OF_MEMORY
//   DATA_LOSS                         the database is damaged
//   INTERNAL                          a violated constraint, or a bug
absl::Status ErrorOf(std::string_view sqlstate, std::string_view message);

// The error for a lost connection.
absl::Status ConnectionLost(std::string_view message);

// Whether the connection that returned `status` must be replaced: it is lost,
// or its server no longer accepts writes.  The outcome of a transaction is then
// unknown if its COMMIT had been sent, except for `IsReadOnly`.
bool IsConnectionLost(const absl::Status& status);

// The server refused a write because it is read-only (25006).  The transaction
// had no effect.
bool IsReadOnly(const absl::Status& status);

// The transaction had no effect and can be run again: a serialization failure
// (40001), a deadlock (40P01) or a lock that was not available in time (55P03).
bool IsConflict(const absl::Status& status);

// PostgreSQL has no space left (53100).  The transaction had no effect.
bool IsDiskFull(const absl::Status& status);

// The transaction violated a constraint (class 23) and had no effect.
bool IsConstraintViolation(const absl::Status& status);

// The SQLSTATE, or an empty string if `status` has none.
std::string SqlStateOf(const absl::Status& status);

}  // namespace pinhole::postgres
