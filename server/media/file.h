// SPDX-License-Identifier: Apache-2.0

// Files and directories, with errors as values: a full disk is
// RESOURCE_EXHAUSTED with a retry delay, any other failure UNAVAILABLE, unless
// stated.  A symbolic link as the last part of a path is never followed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pinhole::media {

// An open file, closed on destruction.  Movable.  Not thread-safe.
class File {
 public:
  // Creates a file for writing, mode 0600.  It must not exist yet.
  static absl::StatusOr<File> Create(const std::filesystem::path& path);

  // Opens a regular file for reading.  Errors: NOT_FOUND, DATA_LOSS,
  // UNAVAILABLE (too many open files, or no memory).
  static absl::StatusOr<File> Open(const std::filesystem::path& path);

  // A file in memory, without a name, that holds `bytes`.  Errors: UNAVAILABLE.
  static absl::StatusOr<File> InMemory(std::string_view bytes);

  File(File&& other) noexcept;
  File& operator=(File&&) = delete;
  ~File();

  absl::Status Append(std::string_view bytes);
  absl::Status Sync();

  // Returns the next bytes, fewer than `max_bytes` only at the end.  Errors:
  // DATA_LOSS.
  absl::StatusOr<std::string> Read(std::size_t max_bytes);

  // Moves to `offset` from the start.  Accepts any number, since it may come
  // from a client or an uploaded file: negative means the start, and past the
  // end means the end.  Errors: DATA_LOSS.
  absl::Status Seek(std::int64_t offset);

  // Errors: DATA_LOSS.
  absl::StatusOr<std::int64_t> SizeBytes() const;

  // For passing to another process; this object keeps ownership.
  int descriptor() const { return descriptor_; }

 private:
  explicit File(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;  // -1 after a move.
};

// Creates a directory with mode 0700 unless it exists.
absl::Status MakeFolder(const std::filesystem::path& path);

// Makes the content of a file, or the entries of a directory, durable.
absl::Status SyncPath(const std::filesystem::path& path);

// Makes everything on the file system of `path` durable, names included: for
// many new files at once.
absl::Status SyncVolume(const std::filesystem::path& path);

// Removes a directory with its contents.  Not an error if it is missing.
absl::Status RemoveTree(const std::filesystem::path& path);

// Moves a directory to `to`, which must be missing or an empty directory.
// Errors: also FAILED_PRECONDITION (`to` is on another file system).
absl::Status MoveFolder(const std::filesystem::path& from,
                        const std::filesystem::path& to);

}  // namespace pinhole::media
