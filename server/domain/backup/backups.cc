// SPDX-License-Identifier: Apache-2.0

#include "server/domain/backup/backups.h"

#include <system_error>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/domain/backup/backup_folder.h"
#include "server/media/file.h"

namespace pinhole::domain {
namespace {

namespace fs = std::filesystem;

constexpr char kUnfinished[] = "unfinished-";

absl::Status Busy() {
  return MakeError(
      Reason::kBackupRunning,
      "a backup is already in progress; wait until it has finished");
}

absl::Status NoTree() {
  return MakeError(
      Reason::kBackupUnsupported,
      "the photos are not in a directory; back them up with the tools of the "
      "storage that holds them");
}

absl::Status Stopping() {
  return MakeError(Reason::kShuttingDown, "the server is shutting down");
}

absl::Status MakeFolders(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) return absl::OkStatus();
  return MakeError(
      Reason::kStorageUnavailable,
      fmt::format("cannot create {}: {}", path.string(), error.message()));
}

// "20261124-233742-123": sorts by time and needs no quoting in a shell.
std::string NameFor(absl::Time time) {
  return fmt::format(
      "{}-{:03}", absl::FormatTime("%Y%m%d-%H%M%S", time, absl::UTCTimeZone()),
      absl::ToUnixMillis(time) % 1000);
}

}  // namespace

Backups::Backups(Store& store, media::PhotoFiles& files, Garbage& garbage,
                 ThreadPool& pool, const Clock& clock, Options options)
    : store_(store),
      files_(files),
      garbage_(garbage),
      pool_(pool),
      clock_(clock),
      options_(std::move(options)) {}

Task<absl::StatusOr<Backup>> Backups::Create() {
  // Before the pool, so that a second backup is refused at once.
  if (busy_.exchange(true)) co_return Busy();
  auto create = [this] { return CreateNamed(); };
  absl::StatusOr<Backup> backup = co_await RunOn(pool_, std::move(create));
  busy_ = false;
  co_return backup;
}

absl::StatusOr<Backup> Backups::CreateNamed() {
  RETURN_IF_ERROR(MakeFolders(options_.dir));
  const std::string name = NameFor(clock_.Now());
  return Make(options_.dir / name, options_.dir / (kUnfinished + name));
}

absl::StatusOr<Backup> Backups::CreateAt(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_empty(path, error)) {
    return absl::FailedPreconditionError(fmt::format(
        "{} is not empty; name a new folder for the backup", path.string()));
  }
  const fs::path whole = fs::absolute(path).lexically_normal();
  const fs::path folder =
      whole.filename().empty() ? whole.parent_path() : whole;
  RETURN_IF_ERROR(MakeFolders(folder.parent_path()));
  if (busy_.exchange(true)) return Busy();
  absl::StatusOr<Backup> backup =
      Make(folder,
           folder.parent_path() / (kUnfinished + folder.filename().string()));
  busy_ = false;
  return backup;
}

absl::StatusOr<Backup> Backups::Make(const fs::path& path,
                                     const fs::path& unfinished) {
  const absl::Time begin = absl::Now();
  RETURN_IF_ERROR(media::RemoveTree(unfinished));
  absl::StatusOr<Manifest> manifest = Fill(unfinished);
  absl::Status status = manifest.status();
  if (status.ok()) status = media::MoveFolder(unfinished, path);
  if (status.ok()) status = media::SyncPath(path.parent_path());
  if (!status.ok()) {
    // What cannot be removed now is removed at the next start.
    media::RemoveTree(unfinished).IgnoreError();
    return Explain(status);
  }
  return Backup{path, *std::move(manifest), absl::Now() - begin};
}

absl::StatusOr<Manifest> Backups::Fill(const fs::path& path) {
  const media::PhotoTree* const photos = files_.tree();
  if (photos == nullptr) return NoTree();
  const BackupFolder folder(path);
  RETURN_IF_ERROR(media::MakeFolder(path));
  RETURN_IF_ERROR(media::MakeFolder(folder.photos().root()));
  Manifest manifest;
  manifest.version = options_.version;
  manifest.create_time = clock_.Now();
  const Garbage::Hold hold(garbage_);
  const auto copy = [&](const CopiedPhoto& photo) -> absl::Status {
    if (stop_.stop_requested()) return absl::CancelledError("stopped");
    RETURN_IF_ERROR(folder.photos().CopyFrom(*photos, photo.file_key,
                                             media::CopyKind::kLinkIfPossible));
    // The bytes are as good as the server's own: reading all of them would take
    // hours where links take a minute.
    ASSIGN_OR_RETURN(const std::int64_t bytes,
                     folder.photos().Check(photo.file_key, photo.size_bytes));
    manifest.photo_bytes += bytes;
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const CopySummary summary,
                   store_.CopyTo(folder.database(), stop_.get_token(), copy));
  manifest.schema_version = summary.schema_version;
  manifest.users = summary.users;
  manifest.photos = summary.photos;
  ASSIGN_OR_RETURN(FileFingerprint database, FingerprintOf(folder.database()));
  manifest.database_bytes = database.size_bytes;
  manifest.database_sha256 = std::move(database.sha256);
  RETURN_IF_ERROR(folder.WriteManifest(manifest));
  RETURN_IF_ERROR(media::SyncVolume(path));
  return manifest;
}

absl::Status Backups::Explain(const absl::Status& status) const {
  if (stop_.stop_requested()) return Stopping();
  if (absl::IsResourceExhausted(status)) {
    return MakeError(Reason::kDiskFull,
                     "the disk has not enough free space for a backup");
  }
  return status;
}

absl::Status Backups::RemoveUnfinished() {
  std::vector<fs::path> unfinished;
  std::error_code error;
  fs::directory_iterator it(options_.dir, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename();
    if (name.rfind(kUnfinished, 0) == 0) unfinished.push_back(it->path());
  }
  for (const fs::path& folder : unfinished) {
    RETURN_IF_ERROR(media::RemoveTree(folder));
  }
  return absl::OkStatus();
}

}  // namespace pinhole::domain
