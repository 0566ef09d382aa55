// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_FILE_RECOVERED_LOG_H_
#define PINHOLE_SERVER_STORE_SQLITE_FILE_RECOVERED_LOG_H_

#include <filesystem>

#include "absl/status/status.h"

namespace pinhole::store {

// Makes durable what a crash left in the write-ahead log of `database`, before
// anybody is told of it: a killed process may have written a commit it did not
// get to sync, and after a failed sync the system holds pages as clean that are
// not on the disk.  Both look committed to SQLite and would go with the power.
// Changes no byte; the caller holds the write lock, so that nobody else does.
// Errors: DATA_LOSS (the log's head is damaged: SQLite would go on without a
// word as if there was no log), UNAVAILABLE.
absl::Status MakeLogDurable(const std::filesystem::path& database);

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_FILE_RECOVERED_LOG_H_
