// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pinhole::app {

// The directory that holds all data of a server, except for photos that
// --media-dir places elsewhere:
//
//   lock         locked while a server runs; contains its process id
//   operator.sock  accepts commands of the operator while a server runs
//   pinhole.db   the database (with -wal and -shm beside it while in use)
//   pinhole.db.before-vN   the database before an upgrade, kept for a week
//   tmp/         uploads in progress
//   photos/      the photos, unless --media-dir names another directory
//   backups/     backups, unless --backup-dir names another directory
//   restoring/   exists until a restore into this directory is complete
//
// Holds the lock from construction to destruction.
class DataDir {
 public:
  // kScratch: the database is elsewhere, so only uploads in progress are here
  // and, by default, the photos.
  enum class For { kUse, kRestore, kScratch };

  // Creates the directory (mode 0700) if it is missing. Errors:
  // FAILED_PRECONDITION (another process uses it, with the reason
  // DATA_DIR_IN_USE; an unfinished restore, unless opened for a restore; not a
  // directory; on a network file system, whose locks and fsync SQLite cannot
  // rely on; photos but no database), PERMISSION_DENIED (not writable).
  static absl::StatusOr<std::unique_ptr<DataDir>> Open(
      std::filesystem::path path, For purpose = For::kUse);
  ~DataDir();

  DataDir(const DataDir&) = delete;
  DataDir& operator=(const DataDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path database() const { return path_ / "pinhole.db"; }
  std::filesystem::path scratch() const { return path_ / "tmp"; }
  std::filesystem::path photos() const { return path_ / "photos"; }
  std::filesystem::path restoring() const { return path_ / "restoring"; }

 private:
  DataDir(std::filesystem::path path, int lock);

  const std::filesystem::path path_;
  const int lock_;  // File descriptor.
};

}  // namespace pinhole::app
