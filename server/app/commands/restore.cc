// SPDX-License-Identifier: Apache-2.0

#include "server/app/commands/restore.h"

#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/app/data/data_dir.h"
#include "server/domain/backup/backup_folder.h"
#include "server/media/file.h"
#include "server/store/sqlite/sqlite_store.h"

namespace pinhole::app {
namespace {

namespace fs = std::filesystem;

bool IsOurs(const std::string& name) {
  return name == "lock" || name == "lost+found";
}

// Only an empty directory gets the marker, so everything beside it was moved
// there by an earlier restore.
absl::Status RemoveBrokenOff(const DataDir& data) {
  std::error_code error;
  if (!fs::exists(data.restoring(), error)) return absl::OkStatus();
  RETURN_IF_ERROR(media::RemoveTree(data.path() / "photos"));
  RETURN_IF_ERROR(media::RemoveTree(data.database()));
  return media::RemoveTree(data.restoring());
}

absl::Status RequireEmpty(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path / "restoring", error)) return absl::OkStatus();
  fs::directory_iterator it(path, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    if (IsOurs(it->path().filename())) continue;
    return absl::FailedPreconditionError(fmt::format(
        "{} is not empty; restore into a new directory", path.string()));
  }
  return absl::OkStatus();
}

// Copies the backup to `to`, checks it and makes it durable.
absl::Status CopyAll(const domain::BackupFolder& from,
                     const domain::BackupFolder& to) {
  RETURN_IF_ERROR(media::MakeFolder(to.path()));
  RETURN_IF_ERROR(media::SyncPath(to.path().parent_path()));
  RETURN_IF_ERROR(media::MakeFolder(to.photos().root()));
  RETURN_IF_ERROR(media::CopyFile(from.database(), to.database()));
  const auto copy = [&](const CopiedPhoto& photo) -> absl::Status {
    RETURN_IF_ERROR(to.photos().CopyFrom(from.photos(), photo.file_key,
                                         media::CopyKind::kBytes));
    return to.photos()
        .CheckBytes(photo.file_key, photo.size_bytes, photo.digests)
        .status();
  };
  RETURN_IF_ERROR(CheckDatabaseFile(to.database(), copy).status());
  return media::SyncVolume(to.path());
}

// Moves the files into place and removes the marker last.
absl::Status MoveIn(const domain::BackupFolder& copy, const DataDir& data) {
  RETURN_IF_ERROR(
      media::MoveFolder(copy.photos().root(), data.path() / "photos"));
  RETURN_IF_ERROR(media::MoveFolder(copy.database(), data.database()));
  RETURN_IF_ERROR(media::SyncPath(data.path()));
  RETURN_IF_ERROR(media::RemoveTree(copy.path()));
  return media::SyncPath(data.path());
}

}  // namespace

absl::StatusOr<domain::VerifiedBackup> VerifyBackup(const fs::path& backup) {
  return domain::BackupFolder(backup).Verify(CheckDatabaseFile);
}

absl::StatusOr<domain::Manifest> Restore(const fs::path& from,
                                         const fs::path& to) {
  ASSIGN_OR_RETURN(domain::VerifiedBackup verified, VerifyBackup(from));
  RETURN_IF_ERROR(RequireEmpty(to));
  // The lock keeps servers from starting here meanwhile.
  ASSIGN_OR_RETURN(const std::unique_ptr<DataDir> data,
                   DataDir::Open(to, DataDir::For::kRestore));
  RETURN_IF_ERROR(RemoveBrokenOff(*data));
  const domain::BackupFolder copy(data->restoring());
  RETURN_IF_ERROR(CopyAll(domain::BackupFolder(from), copy));
  RETURN_IF_ERROR(MoveIn(copy, *data));
  return std::move(verified.manifest);
}

}  // namespace pinhole::app
