// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_MEDIA_PHOTO_TREE_H_
#define PINHOLE_SERVER_MEDIA_PHOTO_TREE_H_

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "server/media/file.h"
#include "server/media/renditions.h"
#include "server/model/photo.h"

namespace pinhole::media {

// The name of the original within a photo's folder.
inline constexpr std::string_view kOriginalFile = "original";

// Whether `text` is a photo's key: 32 hex digits.
bool IsPhotoKey(std::string_view text);

enum class CopyKind {
  kLinkIfPossible,  // A second name for the same bytes: at once, without space.
  kBytes,           // Bytes of its own.
};

// A folder of published photos, ROOT/KE/KEY/..., the server's own or that of a
// backup.  A value.
class PhotoTree {
 public:
  explicit PhotoTree(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path FolderOf(std::string_view key) const;

  // Whether all files of a photo are there and the original has `size_bytes`;
  // the bytes of all of them.  Errors: DATA_LOSS (which file is wrong).
  absl::StatusOr<std::int64_t> Check(std::string_view key,
                                     std::int64_t size_bytes) const;

  // As `Check`, and reads all files to compare them with their digests, if
  // these are known.
  absl::StatusOr<std::int64_t> CheckBytes(std::string_view key,
                                          std::int64_t size_bytes,
                                          const PhotoDigests& digests) const;

  // Reads all files of a photo.  Errors: DATA_LOSS (a file is missing or
  // unreadable).
  absl::StatusOr<PhotoDigests> DigestsOf(std::string_view key) const;

  // Copies a photo's files into this tree, whose root exists.  Bytes that were
  // copied are durable afterwards, names are not (`SyncVolume`).  Links need
  // that nobody writes to a file once it is in its place, which is so.
  // Errors: DATA_LOSS (a file is missing or unreadable), RESOURCE_EXHAUSTED
  // (disk full), UNAVAILABLE.
  absl::Status CopyFrom(const PhotoTree& from, std::string_view key,
                        CopyKind kind) const;

 private:
  std::filesystem::path root_;
};

// The name of a photo's file within its folder.
std::string_view FileOf(RenditionSize size);

// Where a file's digest is in `digests`.
Digest& DigestOf(PhotoDigests& digests, RenditionSize size);
const Digest& DigestOf(const PhotoDigests& digests, RenditionSize size);

// Reads a file from where it is to its end.  Errors: DATA_LOSS.
absl::StatusOr<Digest> ReadDigest(File& file);

// Gives a file a second name, or copies it where that cannot be had.
// Errors: NOT_FOUND, DATA_LOSS, RESOURCE_EXHAUSTED, UNAVAILABLE.
absl::Status LinkOrCopy(const std::filesystem::path& from,
                        const std::filesystem::path& to);

// Copies the bytes of a file to the new file `to` and makes them durable.
// Errors: NOT_FOUND, DATA_LOSS, RESOURCE_EXHAUSTED, UNAVAILABLE.
absl::Status CopyFile(const std::filesystem::path& from,
                      const std::filesystem::path& to);

}  // namespace pinhole::media

#endif  // PINHOLE_SERVER_MEDIA_PHOTO_TREE_H_
