// SPDX-License-Identifier: Apache-2.0

// Operations on photos.
//
// A photo is a row plus files.  The row is authoritative: it is written only
// after the files are complete and durable, so a reader never finds a photo
// without files.  Files without a row are garbage, not damage.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/async/task.h"
#include "base/async/thread_pool.h"
#include "base/concurrency_limiter.h"
#include "base/histogram.h"
#include "server/domain/actor.h"
#include "server/domain/feed_events.h"
#include "server/domain/garbage.h"
#include "server/media/decoders.h"
#include "server/media/photo_files.h"
#include "server/model/ids.h"
#include "server/model/limits.h"
#include "server/model/photo.h"
#include "server/store/store.h"

namespace pinhole::domain {

// What a client declares before it sends the bytes.
struct NewPhoto {
  std::string caption;
  std::string alt_text;
  Visibility visibility = Visibility::kPublic;
  std::int64_t size_bytes = 0;  // As declared; 0 if it was not.
  RequestKey request;
};

// An upload in progress.  Not thread-safe.  Destroying it without
// `Photos::Publish` leaves nothing behind.  Counts towards its owner's
// concurrent uploads for as long as it exists.
struct PhotoUpload {
  Actor owner;
  NewPhoto photo;
  std::optional<ConcurrencyLimiter::Slot> place;  // Nullopt if `repeated`.
  std::unique_ptr<media::Upload> file;            // Null if `repeated`.
  // The photo that the same request created before; its bytes are not needed.
  std::optional<Photo> repeated;
};

struct PhotoChanges {
  std::optional<std::string> caption;
  std::optional<std::string> alt_text;
  std::optional<Visibility> visibility;
};

// An open rendition.  Not thread-safe.
struct RenditionBytes {
  std::string content_type;
  // Identifies the content: other bytes of this photo have another tag.
  std::string tag;
  std::unique_ptr<media::PhotoReader> reader;  // Null if there is a redirect.
  std::string redirect_uri = {};               // As `PhotoStore::RedirectUri`.
};

// How a rendition is to be opened.
struct RenditionAccess {
  std::int64_t offset = 0;  // Of the first byte to read.
  // Whether a redirect may be offered instead of the bytes.
  bool accept_redirect = false;
};

// Thread-safe.  A photo that the actor may not see is NOT_FOUND.  Texts must be
// normalized by text.h.
class Photos {
 public:
  // The pools for blocking work.
  struct Pools {
    ThreadPool& decode;  // Waits for decoders; shared fairly among users.
    ThreadPool& file;    // Reads and writes photo files.
  };

  // All references must outlive this object, which must outlive its uploads.
  // `user_uploads` is the maximum number of concurrent uploads of one user.
  Photos(Store& store, media::PhotoFiles& files, media::Decoders& decoders,
         Garbage& garbage, Pools pools, FeedEvents& events,
         int user_uploads = limits::kMaxUserUploads);

  // Starts an upload by `actor`, or finds the photo that it created before.
  // Errors: INVALID_ARGUMENT (declared size; request key reused for another
  // photo), NOT_FOUND (the repeated request's photo is deleted),
  // RESOURCE_EXHAUSTED with a retry delay (reason TOO_MANY_UPLOADS; disk full).
  Task<absl::StatusOr<PhotoUpload>> BeginUpload(Actor actor, NewPhoto photo);

  // Appends bytes.  `upload` must outlive the task. Errors: INVALID_ARGUMENT
  // (more bytes than declared or allowed), RESOURCE_EXHAUSTED (disk or pool
  // full).
  Task<absl::Status> Append(PhotoUpload& upload, std::string bytes);

  // Creates the photo from the bytes and wakes the watchers of the feed.
  // Errors: INVALID_ARGUMENT (fewer bytes than declared, or not an accepted
  // picture, with a reason of media/picture_refusal.h), RESOURCE_EXHAUSTED.
  Task<absl::StatusOr<Photo>> Publish(PhotoUpload upload);

  // Removes the bytes received so far without blocking the calling executor.
  Task<void> Abandon(PhotoUpload upload);

  Task<absl::StatusOr<Photo>> Find(UserId viewer, PhotoId photo);

  // Newest first.  Errors: NOT_FOUND (user).
  Task<absl::StatusOr<Page<Photo>>> List(UserId viewer, std::string owner,
                                         PageRequest page);
  // All users' public photos, newest first.
  Task<absl::StatusOr<Page<Photo>>> ListRecent(UserId viewer, PageRequest page);

  // Errors: NOT_FOUND, PERMISSION_DENIED (visible, but not the actor's).
  Task<absl::StatusOr<Photo>> Update(Actor actor, PhotoId photo,
                                     PhotoChanges changes);

  // Deletes the row, then the files.  Administrators may delete any photo;
  // returns the audit record if it was somebody else's.  Errors: as `Update`.
  Task<absl::StatusOr<std::optional<Removal>>> Delete(Actor actor,
                                                      PhotoId photo);

  // Opens a rendition for reading.  Redirects are offered for renditions that
  // everyone can see.  Errors: NOT_FOUND, PERMISSION_DENIED (the original, and
  // not the owner), INVALID_ARGUMENT (the offset is negative; past the end
  // there are just no bytes).
  Task<absl::StatusOr<RenditionBytes>> Open(UserId viewer, PhotoId photo,
                                            media::RenditionSize size,
                                            RenditionAccess access = {});

  // Returns the next bytes, at most `max_bytes`; empty at the end.  `rendition`
  // must outlive the task.  Errors: DATA_LOSS, RESOURCE_EXHAUSTED (pool full).
  Task<absl::StatusOr<std::string>> Read(RenditionBytes& rendition,
                                         std::size_t max_bytes);

  // Sizes in bytes of the uploaded originals, for metrics.
  HistogramCounts UploadSizes() const { return upload_sizes_.Read(); }

 private:
  Store& store_;
  media::PhotoFiles& files_;
  media::Decoders& decoders_;
  Garbage& garbage_;
  const Pools pools_;
  FeedEvents& events_;
  const int user_uploads_;
  ConcurrencyLimiter uploads_;  // In progress, by user.
  Histogram upload_sizes_{kFileBytes};
};

}  // namespace pinhole::domain
