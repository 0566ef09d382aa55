// SPDX-License-Identifier: Apache-2.0

// Files and folders of the operating system, with errors as values: a full disk
// is RESOURCE_EXHAUSTED with a retry delay, any other failure UNAVAILABLE,
// unless stated.  Links are never followed in the last part of a path.

#ifndef PINHOLE_SERVER_MEDIA_FILE_H_
#define PINHOLE_SERVER_MEDIA_FILE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pinhole::media {

// An open file, closed at the end.  Movable.  Not thread-safe.
class File {
 public:
  // A new file for writing, mode 0600.  It must not exist yet.
  static absl::StatusOr<File> Create(const std::filesystem::path& path);

  // An existing regular file for reading.  Errors: NOT_FOUND, DATA_LOSS,
  // UNAVAILABLE (too many open files, or no memory).
  static absl::StatusOr<File> Open(const std::filesystem::path& path);

  File(File&& other) noexcept;
  File& operator=(File&&) = delete;
  ~File();

  absl::Status Append(std::string_view bytes);
  absl::Status Sync();

  // The next bytes, fewer than `max_bytes` only at the end.  Errors: DATA_LOSS.
  absl::StatusOr<std::string> Read(std::size_t max_bytes);

  // Goes to `offset` from the start.  Any number is taken, since it may come
  // from a client or from an uploaded file: before the start means the start,
  // and past the end means the end.  Errors: DATA_LOSS.
  absl::Status Seek(std::int64_t offset);

  // Errors: DATA_LOSS.
  absl::StatusOr<std::int64_t> SizeBytes() const;

  // For another process; stays this object's.
  int descriptor() const { return descriptor_; }

 private:
  explicit File(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;  // -1 after a move.
};

// Makes a folder with mode 0700, unless there is one.
absl::Status MakeFolder(const std::filesystem::path& path);

// Makes durable what was written to a file, or a folder's list of entries.
absl::Status SyncPath(const std::filesystem::path& path);

// Makes everything on the file system that holds `path` durable, names
// included: for many new files at once.
absl::Status SyncVolume(const std::filesystem::path& path);

// Removes a folder with all that is in it.  Not an error if it is gone.
absl::Status RemoveTree(const std::filesystem::path& path);

// Moves a folder to `to`, which must not exist or be an empty folder.
absl::Status MoveFolder(const std::filesystem::path& from,
                        const std::filesystem::path& to);

}  // namespace pinhole::media

#endif  // PINHOLE_SERVER_MEDIA_FILE_H_
