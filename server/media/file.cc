// SPDX-License-Identifier: Apache-2.0

#include "server/media/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "absl/time/time.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"

namespace pinhole::media {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kDiskFullRetryDelay = absl::Seconds(5);

absl::Status WriteError(int error, std::string_view doing,
                        const fs::path& path) {
  if (error == ENOSPC || error == EDQUOT) {
    return WithRetryDelay(MakeError(Reason::kDiskFull,
                                    "the disk is full; the "
                                    "server accepts no photos "
                                    "at the moment"),
                          kDiskFullRetryDelay);
  }
  return MakeError(Reason::kStorageUnavailable,
                   fmt::format("cannot {} {}: {}", doing, path.string(),
                               std::generic_category().message(error)));
}

absl::Status ReadError(int error, std::string_view doing) {
  const std::string message = fmt::format(
      "cannot {} a file: {}", doing, std::generic_category().message(error));
  // The process lacks a resource; the file may be intact.
  if (error == EMFILE || error == ENFILE || error == ENOMEM) {
    return MakeError(Reason::kStorageUnavailable, message);
  }
  return absl::DataLossError(message);
}

}  // namespace

absl::StatusOr<File> File::Create(const fs::path& path) {
  const int descriptor =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
           S_IRUSR | S_IWUSR);
  if (descriptor < 0) return WriteError(errno, "create", path);
  return File(descriptor);
}

absl::StatusOr<File> File::Open(const fs::path& path) {
  // O_NONBLOCK, so that opening a pipe in the file's place cannot block.
  const int descriptor =
      open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    if (errno == ENOENT) return absl::NotFoundError("no such file");
    return ReadError(errno, "open");
  }
  File file(descriptor);
  struct stat about {};
  if (fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode)) {
    return absl::DataLossError(path.string() + " is not a regular file");
  }
  return file;
}

absl::StatusOr<File> File::InMemory(std::string_view bytes) {
  const int descriptor = memfd_create("pinhole", MFD_CLOEXEC);
  if (descriptor < 0) return WriteError(errno, "create", "a file in memory");
  File file(descriptor);
  RETURN_IF_ERROR(file.Append(bytes));
  RETURN_IF_ERROR(file.Seek(0));
  return file;
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::Status File::Append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return WriteError(errno, "write", "a photo's file");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status File::Sync() {
  if (fsync(descriptor_) != 0) return WriteError(errno, "sync", "a file");
  return absl::OkStatus();
}

absl::StatusOr<std::string> File::Read(std::size_t max_bytes) {
  std::string bytes(max_bytes, '\0');
  std::size_t size = 0;
  while (size < max_bytes) {
    const ssize_t got =
        read(descriptor_, bytes.data() + size, max_bytes - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ReadError(errno, "read");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  bytes.resize(size);
  return bytes;
}

absl::Status File::Seek(std::int64_t offset) {
  // File systems refuse offsets beyond their longest possible file, which would
  // look like a damaged disk.
  ASSIGN_OR_RETURN(const std::int64_t size, SizeBytes());
  const std::int64_t target = std::clamp<std::int64_t>(offset, 0, size);
  if (lseek(descriptor_, target, SEEK_SET) < 0) return ReadError(errno, "seek");
  return absl::OkStatus();
}

absl::StatusOr<std::int64_t> File::SizeBytes() const {
  struct stat about {};
  if (fstat(descriptor_, &about) != 0) return ReadError(errno, "examine");
  return about.st_size;
}

absl::Status MakeFolder(const fs::path& path) {
  if (mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return WriteError(errno, "create directory", path);
  }
  return absl::OkStatus();
}

absl::Status SyncPath(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return WriteError(errno, "open", path);
  const int error = fsync(descriptor) == 0 ? 0 : errno;
  close(descriptor);
  return error == 0 ? absl::OkStatus() : WriteError(error, "sync", path);
}

absl::Status SyncVolume(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return WriteError(errno, "open", path);
  const int error = syncfs(descriptor) == 0 ? 0 : errno;
  close(descriptor);
  return error == 0 ? absl::OkStatus() : WriteError(error, "sync", path);
}

absl::Status RemoveTree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return WriteError(error.value(), "remove", path);
  return absl::OkStatus();
}

absl::Status MoveFolder(const fs::path& from, const fs::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) {
    if (errno == EXDEV) {
      return absl::FailedPreconditionError(
          fmt::format("cannot move {} to another file system, to {}",
                      from.string(), to.string()));
    }
    return WriteError(errno, "move a directory to", to);
  }
  return absl::OkStatus();
}

}  // namespace pinhole::media
