// SPDX-License-Identifier: Apache-2.0

// The files of photos: uploads in progress in a local directory, and published
// photos in a `PhotoStore`.
//
//   SCRATCH/KEY/           an upload in progress
//
// SCRATCH belongs to one process.  KEY is 32 random hex digits, chosen per
// upload, so uploads share nothing and need no reference counts.  A photo's
// directory is built and synced in SCRATCH.  The database then records the
// upload (RecordUpload); the files are published; only then is the photo's row
// written, which replaces the record.  So there is no row without files, and
// files without a row have a record by which they are found and removed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "server/media/decoders.h"
#include "server/media/file.h"
#include "server/media/photo_store.h"
#include "server/media/photo_tree.h"
#include "server/media/renditions.h"
#include "server/model/photo.h"

namespace pinhole::media {

// An upload in progress.  Not thread-safe.  Destroying it removes what
// has not been published.
class Upload {
 public:
  ~Upload();
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  // Appends bytes to the file.  Errors: INVALID_ARGUMENT (more than
  // limits::kMaxPhotoBytes), RESOURCE_EXHAUSTED (disk full), UNAVAILABLE.
  absl::Status Append(std::string_view bytes);

  // Bytes received so far.
  std::int64_t size_bytes() const { return size_bytes_; }

  // Checks the picture, makes the renditions and makes all files durable, but
  // not yet in their final place.  Slow: call it on a pool, once.  Errors: as
  // `Decoders::Render`, and as `Append`.
  absl::StatusOr<PictureInfo> Render(Decoders& decoders);

  // Publishes the files durably.  Call it on a pool, once, after `Render` and
  // after the store has recorded the upload.  After an error,
  // `PhotoFiles::Remove` removes what may have been published.  Errors: as
  // `PhotoStore::Publish`.
  absl::Status Publish();

  const std::string& key() const { return key_; }

  // Digests of all files, once `Render` has succeeded.
  const PhotoDigests& digests() const { return digests_; }

 private:
  friend class PhotoFiles;
  Upload(std::string key, std::filesystem::path folder, PhotoStore& photos,
         File original);
  absl::Status ReadOriginal();

  const std::string key_;
  const std::filesystem::path folder_;  // In the scratch directory.
  PhotoStore& photos_;
  File original_;
  Sha256 hash_;  // Of the original's bytes so far.
  PhotoDigests digests_ = {};
  std::int64_t size_bytes_ = 0;
};

// Thread-safe.
class PhotoFiles {
 public:
  // Opens or creates the directory `scratch` (mode 0700; its parent must
  // exist), which belongs to one process at a time: the caller holds a lock.
  // Removes the uploads that an earlier process left in it.  Without `photos`,
  // nothing but `Attach` can be called first.  Errors: UNAVAILABLE,
  // RESOURCE_EXHAUSTED (disk full).
  static absl::StatusOr<std::unique_ptr<PhotoFiles>> Open(
      std::filesystem::path scratch,
      std::unique_ptr<PhotoStore> photos = nullptr);

  // Sets the published photos.  Not thread-safe: before they are used.
  void Attach(std::unique_ptr<PhotoStore> photos) {
    photos_ = std::move(photos);
  }

  // Errors: RESOURCE_EXHAUSTED (disk full), UNAVAILABLE.
  absl::StatusOr<std::unique_ptr<Upload>> Begin();

  // Starts an upload, under a new key, of the original of the photo `key`, so
  // as to rebuild its renditions.  Reads all of it and compares it with
  // `digests`, if these are known. Errors: as `Begin`; NOT_FOUND (no such
  // original), DATA_LOSS (unreadable, or different from `digests`).
  absl::StatusOr<std::unique_ptr<Upload>> BeginRebuild(
      std::string_view key, const PhotoDigests& digests);

  // Opens a rendition at byte `offset`.  The reader must not outlive this
  // object.  Errors: as `PhotoStore::Open`.
  absl::StatusOr<std::unique_ptr<PhotoReader>> OpenRendition(
      std::string_view key, RenditionSize size, std::int64_t offset) const {
    return photos_->Open(key, size, offset);
  }

  // As `PhotoStore::RedirectUri`.
  std::optional<std::string> RedirectUri(std::string_view key,
                                         RenditionSize size) const {
    return photos_->RedirectUri(key, size);
  }

  // Reads all files of a photo.  Errors: DATA_LOSS (a file is missing or
  // unreadable), UNAVAILABLE.
  absl::StatusOr<PhotoDigests> DigestsOf(std::string_view key) const;

  // Errors: as `PhotoStore::Remove`.
  absl::Status Remove(const std::vector<std::string>& keys) {
    return photos_->Remove(keys);
  }

  // The directory of the published photos, or null if they are not in one.
  const PhotoTree* tree() const { return photos_->tree(); }

 private:
  PhotoFiles(std::filesystem::path scratch, std::unique_ptr<PhotoStore> photos);

  const std::filesystem::path scratch_;
  std::unique_ptr<PhotoStore> photos_;
};

}  // namespace pinhole::media
