// SPDX-License-Identifier: Apache-2.0

// The files of photos in directories.
//
//   SCRATCH/KEY/           an upload in progress
//   MEDIA/KE/KEY/          a published photo: original, thumbnail.jpg,
//                          medium.jpg, large.jpg
//   MEDIA/KE/KEY.part/     a photo that is being copied from another file
//   system MEDIA/installation     names the installation that the photos belong
//   to
//
// SCRATCH belongs to one process; MEDIA can be shared by the servers of an
// installation and can be on another file system.
//
// KEY is 32 random hex digits, chosen per upload, so uploads share nothing and
// need no reference counts.  A photo's directory is built and synced in
// SCRATCH. The store then records the upload (RecordUpload); the directory is
// moved as a whole and its parent synced; only then is the photo's row written,
// which replaces the record.  So there is no row without files, and files
// without a row have a record by which they are found and removed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "server/media/decoders.h"
#include "server/media/file.h"
#include "server/media/photo_tree.h"
#include "server/media/renditions.h"
#include "server/model/photo.h"

namespace pinhole::media {

// An upload in progress.  Not thread-safe.  Destroying it removes what
// `Publish` has not moved into place.
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

  // Moves the files durably into their final place.  Call it on a pool, once,
  // after `Render` and after the store has recorded the upload.  After an
  // error, `PhotoFiles::Remove` removes what may be in place.  Errors: as
  // `Append`.
  absl::Status Publish();

  const std::string& key() const { return key_; }

  // Digests of all files, once `Render` has succeeded.
  const PhotoDigests& digests() const { return digests_; }

 private:
  friend class PhotoFiles;
  Upload(std::string key, std::filesystem::path folder,
         std::filesystem::path destination, File original);
  absl::Status ReadOriginal();
  absl::Status CopyIntoPlace();

  const std::string key_;
  const std::filesystem::path folder_;  // In the scratch directory.
  const std::filesystem::path destination_;
  File original_;
  Sha256 hash_;  // Of the original's bytes so far.
  PhotoDigests digests_ = {};
  std::int64_t size_bytes_ = 0;
};

// An open rendition; readable to the end even if the photo is removed
// meanwhile.  Not thread-safe.
class PhotoReader {
 public:
  std::int64_t size_bytes() const { return size_bytes_; }
  // Returns the next bytes, at most `max_bytes`; empty at the end. Errors:
  // DATA_LOSS (unreadable).
  absl::StatusOr<std::string> Read(std::size_t max_bytes);
  // Moves to byte `offset`, which must not be negative; past the end there are
  // just no bytes. Errors: DATA_LOSS.
  absl::Status Seek(std::int64_t offset);

 private:
  friend class PhotoFiles;
  PhotoReader(File file, std::int64_t size_bytes);

  File file_;
  const std::int64_t size_bytes_;
  std::int64_t offset_ = 0;  // Of the next byte.
};

// Thread-safe.
class PhotoFiles {
 public:
  struct Options {
    // Of one process at a time: the caller holds a lock.
    std::filesystem::path scratch;
    std::filesystem::path media;
    // Names the installation: one line, the same for all of its servers.
    std::string installation;
  };

  // Opens or creates both directories (mode 0700; their parents must exist) and
  // removes the uploads that an earlier process left in the scratch directory.
  // A media directory without a name gets that of `installation`.  Errors:
  // FAILED_PRECONDITION (the media directory belongs to another installation,
  // or cannot be written), UNAVAILABLE, RESOURCE_EXHAUSTED (disk full).
  static absl::StatusOr<std::unique_ptr<PhotoFiles>> Open(Options options);

  // Errors: RESOURCE_EXHAUSTED (disk full), UNAVAILABLE.
  absl::StatusOr<std::unique_ptr<Upload>> Begin();

  // Starts an upload, under a new key, of the original of the photo `key`, so
  // as to rebuild its renditions.  Hard-links the original where possible.
  // Reads all of it and compares it with `digests`, if these are known. Errors:
  // as `Begin`; NOT_FOUND (no such original), DATA_LOSS (unreadable, or
  // different from `digests`).
  absl::StatusOr<std::unique_ptr<Upload>> BeginRebuild(
      std::string_view key, const PhotoDigests& digests);

  // Errors: NOT_FOUND, DATA_LOSS.
  absl::StatusOr<std::unique_ptr<PhotoReader>> OpenRendition(
      std::string_view key, RenditionSize size) const;

  // Removes the directories of photos, also unfinished ones, durably.  Not an
  // error if they are missing.  Errors: INVALID_ARGUMENT (not a key),
  // UNAVAILABLE.
  absl::Status Remove(const std::vector<std::string>& keys);

  // The published photos, for a backup.
  const PhotoTree& tree() const { return tree_; }

 private:
  PhotoFiles(std::filesystem::path scratch, std::filesystem::path media);
  std::filesystem::path FolderOf(std::string_view key) const;

  const std::filesystem::path scratch_;
  const PhotoTree tree_;
};

}  // namespace pinhole::media
