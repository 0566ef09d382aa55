// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_DOMAIN_RENDITIONS_H_
#define PINHOLE_SERVER_DOMAIN_RENDITIONS_H_

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

// What became of one photo whose renditions were outdated.
struct Rebuilt {
  enum class Outcome : std::int8_t {
    kReplaced,  // It has new renditions.
    kKept,      // The original cannot be rendered any more; it keeps those it
                // has and is not tried again.
    kDamaged,   // Its files are missing or damaged; left as it is and tried
                // again by the next process.
    kGone,      // Deleted meanwhile.
  };

  PhotoId photo;
  Outcome outcome = Outcome::kReplaced;
  absl::Status why;  // Of kKept and kDamaged.
};

// How far it is, for metrics.  Counts are since the start of the process.
struct RenditionStats {
  std::int64_t outdated = 0;  // Photos; exact whenever they are counted.
  std::int64_t replaced = 0;
  std::int64_t kept = 0;
  std::int64_t damaged = 0;
  std::int64_t failed = 0;  // Attempts to be repeated.
};

// Makes the renditions anew that code before media::kRenditionVersion made.
//
// The photo's original and its new renditions become a folder of photo files
// under a new key, as an upload does.  Only when they are durable does one
// transaction give the row the new key and record the old one as garbage.
// Killed at any point, the row has one of two complete folders; the other one
// is removed as garbage or, unknown to any row, at the next start.  How far it
// is the rows say, so there is nothing else to resume.
//
// Thread-safe.
class Renditions {
 public:
  // All arguments must outlive this object.
  Renditions(Store& store, media::PhotoFiles& files, media::Decoders& decoders,
             Garbage& garbage, ThreadPool& decode_pool);

  // Counts the photos whose renditions are outdated.
  absl::StatusOr<std::int64_t> Count();

  // Rebuilds one photo, of the oldest version the newest; none if nothing is
  // left to do.  Calls at the same time rebuild different photos.
  // Errors are those after which trying again later may help: of the store, the
  // disk, the decoder; CANCELLED after `Stop`.  DATA_LOSS if the files of so
  // many photos (100) are missing or damaged that the cause must be another.
  Task<absl::StatusOr<std::optional<Rebuilt>>> RebuildNext();

  // What waits for the pool is given up with CANCELLED.
  void Stop() { stop_.request_stop(); }

  RenditionStats Stats() const;

 private:
  absl::StatusOr<std::optional<Photo>> ClaimNext();
  Task<absl::StatusOr<Rebuilt>> Rebuild(Photo photo);
  Task<absl::StatusOr<Rebuilt>> Keep(Photo photo, absl::Status why);
  absl::StatusOr<Rebuilt> Damaged(const Photo& photo, absl::Status why);
  void Note(const Photo& photo, const absl::StatusOr<Rebuilt>& rebuilt);

  Store& store_;
  media::PhotoFiles& files_;
  media::Decoders& decoders_;
  Garbage& garbage_;
  ThreadPool& decode_pool_;
  std::stop_source stop_;

  absl::Mutex claiming_;
  // Being rebuilt, or damaged.
  std::set<PhotoId> claimed_ ABSL_GUARDED_BY(claiming_);

  std::atomic<std::int64_t> outdated_ = 0;
  std::atomic<std::int64_t> replaced_ = 0;
  std::atomic<std::int64_t> kept_ = 0;
  std::atomic<std::int64_t> damaged_ = 0;
  std::atomic<std::int64_t> failed_ = 0;
};

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_RENDITIONS_H_
