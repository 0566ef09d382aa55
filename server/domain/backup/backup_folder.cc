// SPDX-License-Identifier: Apache-2.0

#include "server/domain/backup/backup_folder.h"

#include <utility>

#include "base/sha256.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/media/file.h"

namespace pinhole::domain {
namespace {

constexpr std::size_t kPieceBytes = 256 << 10;
constexpr std::size_t kMaxManifestBytes = 64 << 10;

absl::Status Differs(std::string_view what) {
  return absl::DataLossError(
      fmt::format("the backup is damaged: {} does not match MANIFEST", what));
}

}  // namespace

BackupFolder::BackupFolder(std::filesystem::path path)
    : path_(std::move(path)), photos_(path_ / "photos") {}

absl::StatusOr<Manifest> BackupFolder::ReadManifest() const {
  absl::StatusOr<media::File> file = media::File::Open(manifest());
  if (absl::IsNotFound(file.status())) {
    return absl::NotFoundError(
        fmt::format("{} is not a backup: it has no MANIFEST", path_.string()));
  }
  if (!file.ok()) return std::move(file).status();
  ASSIGN_OR_RETURN(const std::string text, file->Read(kMaxManifestBytes));
  return ParseManifest(text);
}

absl::Status BackupFolder::WriteManifest(const Manifest& manifest) const {
  ASSIGN_OR_RETURN(media::File file,
                   media::File::Create(BackupFolder::manifest()));
  RETURN_IF_ERROR(file.Append(FormatManifest(manifest)));
  return file.Sync();
}

absl::StatusOr<VerifiedBackup> BackupFolder::Verify(
    const CheckDatabase& check) const {
  VerifiedBackup verified;
  ASSIGN_OR_RETURN(verified.manifest, ReadManifest());
  const Manifest& said = verified.manifest;
  ASSIGN_OR_RETURN(const FileFingerprint database, FingerprintOf(database()));
  if (database.sha256 != said.database_sha256 ||
      database.size_bytes != said.database_bytes) {
    return Differs("the database");
  }
  std::int64_t photo_bytes = 0;
  const auto add = [&](const CopiedPhoto& photo) {
    if (!AreKnown(photo.digests)) ++verified.photos_without_digests;
    const auto bytes =
        photos_.CheckBytes(photo.file_key, photo.size_bytes, photo.digests);
    if (bytes.ok()) photo_bytes += *bytes;
    return bytes.status();
  };
  ASSIGN_OR_RETURN(const CopySummary found,
                   check(BackupFolder::database(), add));
  if (found.users != said.users || found.photos != said.photos) {
    return Differs("the number of users or photos");
  }
  if (photo_bytes != said.photo_bytes) return Differs("the size of the photos");
  return verified;
}

absl::StatusOr<FileFingerprint> FingerprintOf(
    const std::filesystem::path& file) {
  ASSIGN_OR_RETURN(media::File bytes, media::File::Open(file));
  Sha256 digest;
  FileFingerprint fingerprint;
  while (true) {
    ASSIGN_OR_RETURN(const std::string piece, bytes.Read(kPieceBytes));
    if (piece.empty()) break;
    digest.Add(piece);
    fingerprint.size_bytes += static_cast<std::int64_t>(piece.size());
  }
  fingerprint.sha256 = ToHex(digest.Value());
  return fingerprint;
}

}  // namespace pinhole::domain
