// SPDX-License-Identifier: Apache-2.0

// Schema upgrades (schema.h) that keep a copy to go back to.

#pragma once

#include <filesystem>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/store/sqlite/db/connection.h"

namespace pinhole::store {

// How long the copy from before an upgrade is kept.
inline constexpr absl::Duration kKeepCopyFor = absl::Hours(24 * 7);

// Upgrades the tables of the database `file`, open as `db`.  A database that is
// not empty is first copied to FILE.before-vN (N: the new version); the copy is
// checked and made durable.  If killed at any point, the next call starts over.
// To go back: stop the server, replace FILE by the copy and remove FILE-wal;
// later writes are lost.
absl::Status Upgrade(Connection& db, const std::filesystem::path& file);

// Removes copies older than `kKeepCopyFor`.
void RemoveOldCopies(const std::filesystem::path& file);

}  // namespace pinhole::store
