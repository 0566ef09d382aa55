// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_APP_DATA_DATA_DIR_H_
#define PINHOLE_SERVER_APP_DATA_DATA_DIR_H_

#include <filesystem>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pinhole::app {

inline constexpr char kInUse[] = "DATA_DIR_IN_USE";

// The folder in which a server keeps everything:
//
//   lock         locked while a server runs, with its process id
//   clean        is there after an orderly shutdown, until the next start
//   operator.sock  takes commands of the operator while a server runs
//   pinhole.db   the database (with -wal and -shm beside it while in use)
//   pinhole.db.before-vN   the database as it was before an upgrade, for a week
//   tmp/ photos/ the photo files
//   backups/     copies of all of it, unless --backup-dir says otherwise
//   restoring/   is there until a restore into this folder is complete
//
// Holds the lock for as long as it lives.
class DataDir {
 public:
  enum class For { kUse, kRestore };

  // Makes the folder (mode 0700) if there is none.
  // Errors: FAILED_PRECONDITION (another process uses it, with the reason
  // `kInUse`; a restore into it was broken off, unless it is opened for that;
  // not a folder; on a network file system, whose locks and fsync SQLite cannot
  // rely on; photos but no database), PERMISSION_DENIED (not writable).
  static absl::StatusOr<std::unique_ptr<DataDir>> Open(
      std::filesystem::path path, For purpose = For::kUse);
  ~DataDir();

  DataDir(const DataDir&) = delete;
  DataDir& operator=(const DataDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path database() const { return path_ / "pinhole.db"; }
  std::filesystem::path restoring() const { return path_ / "restoring"; }

  // Whether the server before ended in order: nothing is left half done.
  bool was_clean() const { return was_clean_; }

  // Records that this one does.  Call it when everything is closed.
  absl::Status MarkClean() const;

 private:
  DataDir(std::filesystem::path path, int lock, bool was_clean);

  const std::filesystem::path path_;
  const int lock_;  // File descriptor.
  const bool was_clean_;
};

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_DATA_DATA_DIR_H_
