// SPDX-License-Identifier: Apache-2.0

// What surrounds the steps of schema.h when the database is not a new one: a
// way back.

#ifndef PINHOLE_SERVER_STORE_SQLITE_FILE_UPGRADE_H_
#define PINHOLE_SERVER_STORE_SQLITE_FILE_UPGRADE_H_

#include <filesystem>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/store/sqlite/db/connection.h"

namespace pinhole::store {

// How long the copy made before an upgrade is kept.
inline constexpr absl::Duration kKeepCopyFor = absl::Hours(24 * 7);

// Brings the tables of the database in `file`, open as `db`, up to date.  If
// there are any, they are first copied to FILE.before-vN (N: the new version),
// checked and made durable.  Killed at any point, it starts over the next time
// and the end is the same.  To go back: stop the server, put the copy in the
// place of FILE and remove FILE-wal; what was written since is lost.
absl::Status Upgrade(Connection& db, const std::filesystem::path& file);

// Removes the copies that were made longer than `kKeepCopyFor` ago.
void RemoveOldCopies(const std::filesystem::path& file);

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_FILE_UPGRADE_H_
