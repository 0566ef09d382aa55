// SPDX-License-Identifier: Apache-2.0

#include "server/app/commands/migrate.h"

#include <memory>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/app/data/offline_store.h"
#include "server/media/file.h"
#include "server/media/photo_tree.h"
#include "server/store/postgres/import/import.h"
#include "server/store/sqlite/sqlite_export.h"
#include "server/store/sqlite/sqlite_store.h"

namespace pinhole::app {
namespace {

namespace fs = std::filesystem;
using media::PhotoTree;

constexpr std::int64_t kPhotosPerLine = 1000;

// Copies a photo, unless an interrupted migration has.
absl::Status CopyPhoto(const PhotoTree& from, const PhotoTree& to,
                       const CopiedPhoto& photo) {
  std::error_code error;
  if (fs::exists(to.FolderOf(photo.file_key), error)) {
    if (to.CheckBytes(photo.file_key, photo.size_bytes, photo.digests).ok()) {
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(media::RemoveTree(to.FolderOf(photo.file_key)));
  }
  RETURN_IF_ERROR(to.CopyFrom(from, photo.file_key, media::CopyKind::kBytes));
  return to.CheckBytes(photo.file_key, photo.size_bytes, photo.digests)
      .status();
}

absl::Status CreateFolder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(fs::absolute(folder).parent_path(), error);
  if (error) {
    return absl::UnavailableError(
        fmt::format("cannot create {}: {}", folder.string(), error.message()));
  }
  return media::MakeFolder(folder);
}

// Checks the database and brings its photos from `from` to `to`, which can be
// the same directory.
absl::Status MovePhotos(const fs::path& database, const PhotoTree& from,
                        const PhotoTree& to, std::int64_t photos,
                        std::ostream& progress) {
  std::error_code error;
  const bool in_place = fs::equivalent(from.root(), to.root(), error);
  std::int64_t done = 0;
  const auto move = [&](const CopiedPhoto& photo) {
    if (++done % kPhotosPerLine == 0) {
      progress << fmt::format("{} {} of {} photos\n",
                              in_place ? "checked" : "copied", done, photos)
               << std::flush;
    }
    return in_place ? from.Check(photo.file_key, photo.size_bytes).status()
                    : CopyPhoto(from, to, photo);
  };
  RETURN_IF_ERROR(CheckDatabaseFile(database, move).status());
  return in_place ? absl::OkStatus() : media::SyncVolume(to.root());
}

// Returns the number of rows.
absl::StatusOr<std::int64_t> MoveRows(const fs::path& database,
                                      const std::string& to,
                                      std::ostream& progress) {
  const SystemClock clock;
  ASSIGN_OR_RETURN(const std::unique_ptr<SqliteExport> source,
                   SqliteExport::Open(database, clock.Now()));
  ASSIGN_OR_RETURN(const std::unique_ptr<postgres::Import> target,
                   postgres::Import::Begin(to));
  std::int64_t rows = 0;
  for (const MovedTable& table : source->tables()) {
    RETURN_IF_ERROR(target->Add(
        table, [&](MovedRowVisitor add) { return source->Read(table, add); }));
    rows += table.rows;
    progress << fmt::format("copied the table {}: {} rows\n", table.name,
                            table.rows)
             << std::flush;
  }
  progress << "verifying all counts\n" << std::flush;
  RETURN_IF_ERROR(
      target->Commit(source->secret(), source->last_id(), clock.Now()));
  return rows;
}

absl::Status Rename(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (!error) return media::SyncPath(from.parent_path());
  return absl::UnavailableError(fmt::format(
      "all data was moved, but {} could not be renamed to {}: {}; rename it, "
      "so that no server uses it by mistake",
      from.string(), to.string(), error.message()));
}

}  // namespace

absl::StatusOr<MigrationSummary> Migrate(const Migration& migration,
                                         std::ostream& progress) {
  // Keeps the lock of the directory.
  ASSIGN_OR_RETURN(const std::unique_ptr<OfflineStore> data,
                   OfflineStore::Open(migration.from, "stop it first"));
  const RowCounts rows = data->store().Stats().rows;
  data->store().Close();
  // Copying the photos can take long, so what can be refused is refused before.
  RETURN_IF_ERROR(postgres::Import::Begin(migration.to).status());

  MigrationSummary summary;
  summary.users = rows.users;
  summary.photos = rows.photos;
  const fs::path database = migration.from / "pinhole.db";
  const PhotoTree photos(migration.from / "photos");
  summary.media_dir =
      migration.media_dir.empty() ? photos.root() : migration.media_dir;
  RETURN_IF_ERROR(CreateFolder(summary.media_dir));
  RETURN_IF_ERROR(MovePhotos(database, photos, PhotoTree(summary.media_dir),
                             rows.photos, progress));
  ASSIGN_OR_RETURN(summary.rows, MoveRows(database, migration.to, progress));
  summary.old_database = migration.from / "pinhole.db.migrated";
  RETURN_IF_ERROR(Rename(database, summary.old_database));
  return summary;
}

}  // namespace pinhole::app
