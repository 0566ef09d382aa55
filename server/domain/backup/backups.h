// SPDX-License-Identifier: Apache-2.0

// Backups are copies of the database and the photo files, made while writes
// continue.
//
// Why a backup contains the files of every photo in its database: a photo's row
// is written after its files are durable, and its files are removed after the
// deletion of its row is durable.  A backup first suspends the removal of files
// (Garbage::Hold), then copies the database, then the files of every row in the
// copy. The files of such a row were complete before the row was written, hence
// before the copy ended.  They still exist: a removal that started before the
// Hold followed the committed deletion of the row, so the copy, which is a
// later state, would not contain it; and no removal starts after the Hold.
// (Files of a failed upload never had a row, and never get one once they may be
// removed; see RecordUpload.)  The same is true for a row whose files were
// replaced (ReplacePhotoFiles): every state of the row names files that were
// complete before it and that are removed only after a commit that names
// others.
//
// Why a backup is never incomplete: it is made under a temporary name, made
// durable and checked, and renamed last.

#pragma once

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
  absl::Duration duration;  // Time that the backup took.
};

// Thread-safe.  For administrators only; the RPC layer checks that.
class Backups {
 public:
  struct Options {
    std::filesystem::path dir;  // Parent of new backups; created if missing.
    std::string version;        // Version of Pinhole.
  };

  // All arguments must outlive this object.  `pool` needs one thread and should
  // have no other work, which would wait for a long time.
  Backups(Store& store, media::PhotoFiles& files, Garbage& garbage,
          ThreadPool& pool, const Clock& clock, Options options);

  // Makes a backup in a new directory of `dir`, named after the time.
  // Continues when the caller stops waiting.  Errors: FAILED_PRECONDITION
  // (another backup is in progress, or the photos are not in a directory),
  // RESOURCE_EXHAUSTED (disk full),
  // UNAVAILABLE (the directory cannot be written; the server stops), DATA_LOSS
  // (the source is damaged).
  Task<absl::StatusOr<Backup>> Create();

  // Makes a backup in the directory `path`, which must be missing or empty.
  // Blocks.  Errors: as `Create`; FAILED_PRECONDITION (not empty).
  absl::StatusOr<Backup> CreateAt(const std::filesystem::path& path);

  // Removes unfinished backups in `dir` after a crash.  For startup.
  absl::Status RemoveUnfinished();

  // Makes the backup in progress fail with UNAVAILABLE and refuses others.  For
  // shutdown.
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
