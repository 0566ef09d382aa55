// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "server/media/file.h"
#include "server/media/renditions.h"
#include "server/model/photo.h"

namespace pinhole::media {

// File name of the original in a photo's directory.
inline constexpr std::string_view kOriginalFile = "original";

// The files in a photo's directory.
inline constexpr std::array kPhotoFiles = {
    RenditionSize::kOriginal, RenditionSize::kThumbnail, RenditionSize::kMedium,
    RenditionSize::kLarge};

// Whether `text` is a photo's key: 32 hex digits.
bool IsPhotoKey(std::string_view text);

// A random key.  Errors: UNAVAILABLE (no random numbers).
absl::StatusOr<std::string> NewPhotoKey();

enum class CopyKind {
  kLinkIfPossible,  // A hard link: instant, and takes no space.
  kBytes,           // A copy of the bytes.
};

// A directory of published photos, ROOT/KE/KEY/..., of the server or of a
// backup.  A value type.
class PhotoTree {
 public:
  explicit PhotoTree(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path FolderOf(std::string_view key) const;

  // Whether a photo has ever been stored here.  False if the directory cannot
  // be read.
  bool HasPhotos() const;

  // Checks that all files of a photo exist and that the original has
  // `size_bytes`; returns the total bytes.  Errors: DATA_LOSS (which file is
  // wrong).
  absl::StatusOr<std::int64_t> Check(std::string_view key,
                                     std::int64_t size_bytes) const;

  // As `Check`, and compares the content of all files with their digests, if
  // these are known.
  absl::StatusOr<std::int64_t> CheckBytes(std::string_view key,
                                          std::int64_t size_bytes,
                                          const PhotoDigests& digests) const;

  // Reads all files of a photo.  Errors: DATA_LOSS (a file is missing or
  // unreadable).
  absl::StatusOr<PhotoDigests> DigestsOf(std::string_view key) const;

  // Copies a photo's files into this tree, whose root must exist.  Copied bytes
  // are durable afterwards, names are not (`SyncVolume`).  Links are safe
  // because files are never written to once they are in place. Errors:
  // DATA_LOSS (a file is missing or unreadable), RESOURCE_EXHAUSTED (disk
  // full), UNAVAILABLE.
  absl::Status CopyFrom(const PhotoTree& from, std::string_view key,
                        CopyKind kind) const;

 private:
  std::filesystem::path root_;
};

// Name of a photo's file within its directory.
std::string_view FileOf(RenditionSize size);

// The digest in `digests` of one file.
Digest& DigestOf(PhotoDigests& digests, RenditionSize size);
const Digest& DigestOf(const PhotoDigests& digests, RenditionSize size);

// Reads a file from its current position to the end.  Errors: DATA_LOSS.
absl::StatusOr<Digest> ReadDigest(File& file);

// Hard-links a file, or copies it where links are not supported. Errors:
// NOT_FOUND, DATA_LOSS, RESOURCE_EXHAUSTED, UNAVAILABLE.
absl::Status LinkOrCopy(const std::filesystem::path& from,
                        const std::filesystem::path& to);

// Copies the bytes of a file to the new file `to` and makes them durable.
// Errors: NOT_FOUND, DATA_LOSS, RESOURCE_EXHAUSTED, UNAVAILABLE.
absl::Status CopyFile(const std::filesystem::path& from,
                      const std::filesystem::path& to);

}  // namespace pinhole::media
