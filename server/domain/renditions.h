// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/async/task.h"
#include "base/async/thread_pool.h"
#include "server/domain/garbage.h"
#include "server/media/decoders.h"
#include "server/media/photo_files.h"
#include "server/model/photo.h"
#include "server/store/store.h"

namespace pinhole::domain {

// The result for one photo whose renditions were outdated.
struct RebuildResult {
  enum class Outcome : std::int8_t {
    kReplaced,  // It has new renditions.
    // The original can no longer be rendered; the old renditions stay and the
    // photo is not tried again.
    kKept,
    // Files are missing or damaged; the photo stays as it is and is tried again
    // by the next process.
    kDamaged,
    kGone,  // Deleted in the meantime.
  };

  PhotoId photo;
  Outcome outcome = Outcome::kReplaced;
  absl::Status why;  // For kKept and kDamaged.
};

// Progress, for metrics.  Counts are since the start of the process.
struct RenditionStats {
  std::int64_t outdated = 0;  // Photos; exact whenever they are counted.
  std::int64_t replaced = 0;
  std::int64_t kept = 0;
  std::int64_t damaged = 0;
  std::int64_t failed = 0;  // Attempts that will be repeated.
};

// Rebuilds the renditions that were made by code older than
// media::kRenditionVersion.
//
// The photo's original and its new renditions become a folder of photo files
// under a new key, as in an upload.  Only when they are durable does one
// transaction store the new key in the row and record the old one as garbage.
// If the process is killed at any point, the row names one of two complete
// folders; the other one is recorded as garbage or as an upload, and removed.
// The rows hold the progress, so nothing else needs to be resumed.
// Thread-safe.
class Renditions {
 public:
  // All arguments must outlive this object.
  Renditions(Store& store, media::PhotoFiles& files, media::Decoders& decoders,
             Garbage& garbage, ThreadPool& decode_pool);

  // Counts the photos whose renditions are outdated.
  Task<absl::StatusOr<std::int64_t>> Count();

  // Rebuilds one photo: the newest among those of the oldest version.  Returns
  // nullopt if none is left.  Concurrent calls rebuild different photos.
  // Errors: those of the store, the disk and the decoder, after which a retry
  // may help; CANCELLED after `Stop`; DATA_LOSS if the files of so many photos
  // (100) are missing or damaged that there must be a common cause.
  Task<absl::StatusOr<std::optional<RebuildResult>>> RebuildNext();

  // Work that waits for the pool ends with CANCELLED.
  void Stop() { stop_.request_stop(); }

  RenditionStats Stats() const;

 private:
  Task<absl::StatusOr<std::optional<Photo>>> ClaimNext();
  Task<absl::StatusOr<RebuildResult>> Rebuild(Photo photo);
  Task<absl::StatusOr<RebuildResult>> Keep(Photo photo, absl::Status why);
  Task<absl::StatusOr<RebuildResult>> Damaged(Photo photo, absl::Status why);
  void Note(const Photo& photo, const absl::StatusOr<RebuildResult>& rebuilt);

  Store& store_;
  media::PhotoFiles& files_;
  media::Decoders& decoders_;
  Garbage& garbage_;
  ThreadPool& decode_pool_;
  std::stop_source stop_;

  absl::Mutex claiming_;
  // In progress, or damaged.
  std::set<PhotoId> claimed_ ABSL_GUARDED_BY(claiming_);

  std::atomic<std::int64_t> outdated_ = 0;
  std::atomic<std::int64_t> replaced_ = 0;
  std::atomic<std::int64_t> kept_ = 0;
  std::atomic<std::int64_t> damaged_ = 0;
  std::atomic<std::int64_t> failed_ = 0;
};

}  // namespace pinhole::domain
