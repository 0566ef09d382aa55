// SPDX-License-Identifier: Apache-2.0

// A backup is a folder:
//
//   MANIFEST     what it is: versions, counts, the database's SHA-256
//   pinhole.db   the database
//   photos/      the photo files, as in a data folder

#ifndef PINHOLE_SERVER_DOMAIN_BACKUP_BACKUP_FOLDER_H_
#define PINHOLE_SERVER_DOMAIN_BACKUP_BACKUP_FOLDER_H_

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
// the copy it has made.  (A function because the domain knows no SQL.)
using CheckDatabase = std::function<absl::StatusOr<CopySummary>(
    const std::filesystem::path& file, const PhotoFileVisitor& visit)>;

// What a check of a backup found.
struct VerifiedBackup {
  Manifest manifest;
  // Photos without digests in the database (model/photo.h).
  std::int64_t photos_without_digests = 0;
};

// Where everything is in a backup.  A value.
class BackupFolder {
 public:
  explicit BackupFolder(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path manifest() const { return path_ / "MANIFEST"; }
  std::filesystem::path database() const { return path_ / "pinhole.db"; }
  const media::PhotoTree& photos() const { return photos_; }

  // Errors: NOT_FOUND (no such folder, or not a backup), those of
  // `ParseManifest`.
  absl::StatusOr<Manifest> ReadManifest() const;
  // Makes it durable.
  absl::Status WriteManifest(const Manifest& manifest) const;

  // Reads all of it and compares it with the manifest and with the digests in
  // the database.  Of photos without digests only names and sizes are compared.
  // Errors: as `ReadManifest`; DATA_LOSS (what is wrong).
  absl::StatusOr<VerifiedBackup> Verify(const CheckDatabase& check) const;

 private:
  std::filesystem::path path_;
  media::PhotoTree photos_;
};

// The SHA-256 of a file in hex, and its size.
struct FileFingerprint {
  std::string sha256;
  std::int64_t size_bytes = 0;
};
// Errors: NOT_FOUND, DATA_LOSS (unreadable).
absl::StatusOr<FileFingerprint> FingerprintOf(
    const std::filesystem::path& file);

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_BACKUP_BACKUP_FOLDER_H_
