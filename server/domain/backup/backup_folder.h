// SPDX-License-Identifier: Apache-2.0

// A backup is a directory:
//
//   MANIFEST     versions, counts, the database's SHA-256
//   pinhole.db   the database
//   photos/      the photo files, as in a data directory

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/domain/backup/manifest.h"
#include "server/media/photo_tree.h"
#include "server/store/store.h"

namespace pinhole::domain {

// Checks a database file and visits its photos, as `Store::CopyTo` does with
// the copy it has made.  A function, since the domain layer must not use SQL.
using CheckDatabase = std::function<absl::StatusOr<CopySummary>(
    const std::filesystem::path& file, const PhotoFileVisitor& visit)>;

// The result of checking a backup.
struct VerifiedBackup {
  Manifest manifest;
  // Photos without digests in the database (model/photo.h).
  std::int64_t photos_without_digests = 0;
};

// The paths of a backup.  A value type.
class BackupFolder {
 public:
  explicit BackupFolder(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path manifest() const { return path_ / "MANIFEST"; }
  std::filesystem::path database() const { return path_ / "pinhole.db"; }
  const media::PhotoTree& photos() const { return photos_; }

  // Errors: NOT_FOUND (no such directory, or not a backup), those of
  // `ParseManifest`.
  absl::StatusOr<Manifest> ReadManifest() const;
  // Writes the manifest durably.
  absl::Status WriteManifest(const Manifest& manifest) const;

  // Reads the whole backup and compares it with the manifest and with the
  // digests in the database.  For photos without digests, only names and sizes
  // are compared. Errors: as `ReadManifest`; DATA_LOSS (with the difference).
  absl::StatusOr<VerifiedBackup> Verify(const CheckDatabase& check) const;

 private:
  std::filesystem::path path_;
  media::PhotoTree photos_;
};

// The SHA-256 of a file in hex, and its size in bytes.
struct FileFingerprint {
  std::string sha256;
  std::int64_t size_bytes = 0;
};
// Errors: NOT_FOUND, DATA_LOSS (unreadable).
absl::StatusOr<FileFingerprint> FingerprintOf(
    const std::filesystem::path& file);

}  // namespace pinhole::domain
