// SPDX-License-Identifier: Apache-2.0

#include "server/app/data/data_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/media/file.h"
#include "server/media/photo_tree.h"

namespace pinhole::app {
namespace {

absl::Status Refused(std::string_view what, const std::filesystem::path& path) {
  const int error = errno;
  const std::string text =
      fmt::format("cannot {} {}: {}", what, path.string(), strerror(error));
  if (error == EACCES || error == EPERM || error == EROFS) {
    return absl::PermissionDeniedError(text);
  }
  return absl::FailedPreconditionError(text);
}

absl::Status RefuseNetworkFileSystem(const std::filesystem::path& path) {
  struct statfs volume;
  if (statfs(path.c_str(), &volume) != 0) return Refused("examine", path);
  constexpr unsigned kCifs = 0xFF534D42;  // Not in linux/magic.h of 6.1.
  switch (static_cast<unsigned>(volume.f_type)) {
    case NFS_SUPER_MAGIC:
    case SMB_SUPER_MAGIC:
    case SMB2_SUPER_MAGIC:
    case kCifs:
      return absl::FailedPreconditionError(fmt::format(
          "{} is on a network file system; choose a local --data-dir",
          path.string()));
    default:
      return absl::OkStatus();
  }
}

// Otherwise a new database would be created, and the photos would not be found
// by it.
absl::Status RefusePhotosWithoutDatabase(const std::filesystem::path& folder) {
  const std::filesystem::path database = folder / "pinhole.db";
  std::error_code error;
  const auto size_bytes = std::filesystem::file_size(database, error);
  if (!error && size_bytes > 0) return absl::OkStatus();
  if (!media::PhotoTree(folder / "photos").HasPhotos()) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "{} is missing or empty although there are photos beside it; restore "
      "it, or move {} away to start with an empty server",
      database.string(), (folder / "photos").string()));
}

std::string ReadPid(int file) {
  char text[32] = {};
  const ssize_t got = pread(file, text, sizeof(text) - 1, 0);
  const std::string pid(text, got > 0 ? static_cast<std::size_t>(got) : 0);
  return pid.substr(0, pid.find('\n'));
}

absl::StatusOr<int> Lock(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "lock";
  const int file =
      open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return Refused("open", path);
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    const std::string pid = ReadPid(file);
    close(file);
    return MakeError(
        Reason::kDataDirInUse,
        fmt::format(
            "another pinhole-server (process {}) uses {}; stop it or choose "
            "another --data-dir",
            pid.empty() ? "unknown" : pid, folder.string()));
  }
  const std::string pid = fmt::format("{}\n", getpid());
  // Informs people who holds the lock; only the lock itself counts.
  if (ftruncate(file, 0) != 0 || pwrite(file, pid.data(), pid.size(), 0) < 0) {
    const absl::Status status = Refused("write", path);
    close(file);
    return status;
  }
  return file;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataDir>> DataDir::Open(
    std::filesystem::path path, For purpose) {
  std::error_code error;
  const bool existed = std::filesystem::exists(path, error);
  if (!existed) {
    if (!path.parent_path().empty()) {
      std::filesystem::create_directories(path.parent_path(), error);
    }
    if (mkdir(path.c_str(), 0700) != 0) return Refused("create", path);
  }
  if (!std::filesystem::is_directory(path, error)) {
    return absl::FailedPreconditionError(fmt::format(
        "{} is not a directory; choose another --data-dir", path.string()));
  }
  RETURN_IF_ERROR(RefuseNetworkFileSystem(path));
  ASSIGN_OR_RETURN(const int lock, Lock(path));
  if (purpose != For::kRestore &&
      std::filesystem::exists(path / "restoring", error)) {
    close(lock);
    return absl::FailedPreconditionError(fmt::format(
        "the restore into {} is unfinished; run it again", path.string()));
  }
  if (purpose == For::kUse) {
    const absl::Status refused = RefusePhotosWithoutDatabase(path);
    if (!refused.ok()) {
      close(lock);
      return refused;
    }
  }
  std::unique_ptr<DataDir> data(new DataDir(std::move(path), lock));
  RETURN_IF_ERROR(
      media::SyncPath(std::filesystem::absolute(data->path()).parent_path()));
  return data;
}

DataDir::DataDir(std::filesystem::path path, int lock)
    : path_(std::move(path)), lock_(lock) {}

DataDir::~DataDir() { close(lock_); }

}  // namespace pinhole::app
