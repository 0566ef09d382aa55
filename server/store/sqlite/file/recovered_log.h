// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>

#include "absl/status/status.h"

namespace pinhole::store {

// Makes the content that a crash left in the write-ahead log of `database`
// durable before it is read.  A killed process can leave a commit that was not
// synced, and after a failed sync the kernel marks pages as clean that are not
// on the disk.  SQLite treats both as committed, but a power loss would remove
// them.  Changes no byte; the caller must hold the write lock.  Errors:
// DATA_LOSS (the header of the log is damaged; SQLite would silently ignore the
// log), UNAVAILABLE.
absl::Status MakeLogDurable(const std::filesystem::path& database);

}  // namespace pinhole::store
