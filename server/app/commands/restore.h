// SPDX-License-Identifier: Apache-2.0

// Turns a backup into a data directory.

#pragma once

#include <filesystem>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/domain/backup/backup_folder.h"
#include "server/domain/backup/manifest.h"

namespace pinhole::app {

// Checks a whole backup.  Errors: as `domain::BackupFolder::Verify`.
absl::StatusOr<domain::VerifiedBackup> VerifyBackup(
    const std::filesystem::path& backup);

// Checks the backup `from` and copies it into the data directory `to`, which
// must be missing or empty.  The copy shares no file with the backup and is
// checked as well.  A server refuses to start on an unfinished restore; running
// it again starts over. Errors: as `VerifyBackup`; FAILED_PRECONDITION (not
// empty, or in use), RESOURCE_EXHAUSTED (disk full), UNAVAILABLE.
absl::StatusOr<domain::Manifest> Restore(const std::filesystem::path& from,
                                         const std::filesystem::path& to);

}  // namespace pinhole::app
