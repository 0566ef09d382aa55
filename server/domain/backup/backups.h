// SPDX-License-Identifier: Apache-2.0

// Backups: copies of database and photo files, made while writes go on.
//
// Why a backup holds the files of every photo in its database: a photo's row is
// written after its files are durable, and its files are removed after the
// deletion of its row is durable.  A backup first holds back the removal of
// files (Garbage::Hold), then copies the database, then the files of every row
// in the copy.  Let a row be in the copy.  Its files were complete before the
// row was, hence before the copy ended.  They are still there: whoever began to
// remove files before the hold did so because the row's deletion had been
// committed before, and then the copy, which is a later state, would not have
// the row; and after the hold nobody begins.  The same holds for a row that got
// other files (ReplacePhotoFiles): each state of it names files that were
// complete before it and are removed after it was committed that it names
// others.
//
// Why it is never half there: it is made under another name, all of it made
// durable and checked, and only then renamed.

#ifndef PINHOLE_SERVER_DOMAIN_BACKUP_BACKUPS_H_
#define PINHOLE_SERVER_DOMAIN_BACKUP_BACKUPS_H_

#include <atomic>
#include <filesystem>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/async/task.h"
#include "base/async/thread_pool.h"
#include "base/clock.h"
#include "server/domain/backup/manifest.h"
#include "server/domain/garbage.h"
#include "server/media/photo_files.h"
#include "server/store/store.h"

namespace pinhole::domain {

// A backup that was made and checked.
struct Backup {
  std::filesystem::path path;
  Manifest manifest;
  absl::Duration duration;  // It took so long.
};

// Thread-safe.  Only administrators may do any of this; dispatch sees to it.
class Backups {
 public:
  struct Options {
    std::filesystem::path dir;  // Of `Create`; made with the first backup.
    std::string version;        // Of Pinhole.
  };

  // All arguments must outlive this object.  `pool` does the work: one thread
  // is enough and it should have no other work, which would wait for long.
  Backups(Store& store, media::PhotoFiles& files, Garbage& garbage,
          ThreadPool& pool, const Clock& clock, Options options);

  // Makes a backup in a new folder of `dir`, named after the time.  It goes on
  // when nobody waits any more.  Errors: FAILED_PRECONDITION (another one is
  // being made), RESOURCE_EXHAUSTED (disk full), UNAVAILABLE (the folder cannot
  // be written; the server stops), DATA_LOSS (what is copied is damaged).
  Task<absl::StatusOr<Backup>> Create();

  // Makes a backup in the folder `path`, which must not exist or be empty.
  // Blocks.  Errors: as `Create`; FAILED_PRECONDITION (it is not empty).
  absl::StatusOr<Backup> CreateAt(const std::filesystem::path& path);

  // Removes what a crash left of backups in `dir`.  For start-up.
  absl::Status RemoveUnfinished();

  // Ends the backup under way, which fails with UNAVAILABLE, and refuses
  // others.  For shutdown.
  void Stop() { stop_.request_stop(); }

 private:
  absl::StatusOr<Backup> CreateNamed();
  absl::StatusOr<Backup> Make(const std::filesystem::path& path,
                              const std::filesystem::path& unfinished);
  absl::StatusOr<Manifest> Fill(const std::filesystem::path& folder);
  absl::Status Explain(const absl::Status& status) const;

  Store& store_;
  media::PhotoFiles& files_;
  Garbage& garbage_;
  ThreadPool& pool_;
  const Clock& clock_;
  const Options options_;
  std::stop_source stop_;
  std::atomic<bool> busy_ = false;
};

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_BACKUP_BACKUPS_H_
