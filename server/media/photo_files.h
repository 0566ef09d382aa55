// SPDX-License-Identifier: Apache-2.0

// Photo files: the bytes of photos on the local disk.
//
//   DIR/tmp/KEY/            an upload under way
//   DIR/photos/KE/KEY/      a published photo: original, thumbnail.jpg,
//                           medium.jpg, large.jpg
//
// KEY is 32 random hex digits, made per upload, so nothing is shared and
// deleting needs no counting.  A photo's folder is built and fsynced under tmp,
// then renamed as a whole and its parent fsynced; only then does its row get
// written.  A row without files cannot be; files without a row are garbage, and
// what a crash leaves is removed at start.

#ifndef PINHOLE_SERVER_MEDIA_PHOTO_FILES_H_
#define PINHOLE_SERVER_MEDIA_PHOTO_FILES_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "server/media/decoders.h"
#include "server/media/file.h"
#include "server/media/photo_tree.h"
#include "server/media/renditions.h"
#include "server/model/photo.h"

namespace pinhole::media {

// One upload under way.  Not thread-safe.  Destroying it before `Commit`
// removes every trace of it.
class Upload {
 public:
  ~Upload();
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  // Adds bytes to the file.  Errors: INVALID_ARGUMENT (more than
  // limits::kMaxPhotoBytes), RESOURCE_EXHAUSTED (disk full), UNAVAILABLE.
  absl::Status Append(std::string_view bytes);

  // Bytes so far.
  std::int64_t size_bytes() const { return size_bytes_; }

  // Checks the picture, makes the renditions and makes all of it durable in its
  // final place.  Takes long: call it on a pool, once.  Until `Commit` the
  // destructor removes the files again.
  // Errors: as `Decoders::Render`, and as `Append`.
  absl::StatusOr<PictureInfo> Publish(Decoders& decoders);

  // The row is written: the files stay.
  void Commit() { committed_ = true; }

  const std::string& key() const { return key_; }

  // Of all files, once `Publish` has succeeded.
  const PhotoDigests& digests() const { return digests_; }

 private:
  friend class PhotoFiles;
  Upload(std::string key, std::filesystem::path folder,
         std::filesystem::path destination, File original);
  absl::Status ReadOriginal();

  const std::string key_;
  std::filesystem::path folder_;  // Under tmp, then `destination_`.
  const std::filesystem::path destination_;
  File original_;
  Sha256 hash_;  // Of the original so far.
  PhotoDigests digests_ = {};
  std::int64_t size_bytes_ = 0;
  bool committed_ = false;
};

// An open rendition; readable to the end even if the photo is removed
// meanwhile.  Not thread-safe.
class PhotoReader {
 public:
  std::int64_t size_bytes() const { return size_bytes_; }
  // The next bytes, at most `max_bytes`; empty at the end.
  // Errors: DATA_LOSS (unreadable).
  absl::StatusOr<std::string> Read(std::size_t max_bytes);
  // Goes to byte `offset`, 0 or more; from `size_bytes` on, whatever the
  // number, there are no bytes. Errors: DATA_LOSS.
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
  // Opens or creates the folders below `dir` (mode 0700) and removes the
  // uploads that an earlier process left in tmp.  At most one process at a time
  // may use `dir`; the caller holds the lock.
  // Errors: UNAVAILABLE (not writable), RESOURCE_EXHAUSTED (disk full).
  static absl::StatusOr<std::unique_ptr<PhotoFiles>> Open(
      std::filesystem::path dir);

  // Errors: RESOURCE_EXHAUSTED (disk full), UNAVAILABLE.
  absl::StatusOr<std::unique_ptr<Upload>> Begin();

  // An upload, under a key of its own, of the original of the photo `key`, to
  // make its renditions anew; shares the original's bytes where links can be
  // made.  Reads all of it and compares it with `digests`, if these are known.
  // Errors: as `Begin`; NOT_FOUND (no such original), DATA_LOSS (unreadable, or
  // not what `digests` says).
  absl::StatusOr<std::unique_ptr<Upload>> BeginAgain(
      std::string_view key, const PhotoDigests& digests);

  // Errors: NOT_FOUND, DATA_LOSS.
  absl::StatusOr<std::unique_ptr<PhotoReader>> OpenRendition(
      std::string_view key, RenditionSize size) const;

  // Removes a photo's folder.  Not an error if it is gone.
  // Errors: INVALID_ARGUMENT (not a key), UNAVAILABLE.
  absl::Status Remove(std::string_view key);

  // Removes every published folder for which `is_known` is false; returns how
  // many.  For start-up, before uploads begin.  Leaves alone what is not named
  // like a photo, and stops at the first error of `is_known`.
  absl::StatusOr<int> RemoveUnknown(
      const std::function<absl::StatusOr<bool>(std::string_view key)>&
          is_known);

  // The published photos, for a backup.
  const PhotoTree& tree() const { return tree_; }

  // Bytes free on the volume for unprivileged use.
  absl::StatusOr<std::int64_t> AvailableBytes() const;

 private:
  explicit PhotoFiles(std::filesystem::path dir);
  std::filesystem::path FolderOf(std::string_view key) const;

  const std::filesystem::path tmp_;
  const std::filesystem::path photos_;
  const PhotoTree tree_;
};

}  // namespace pinhole::media

#endif  // PINHOLE_SERVER_MEDIA_PHOTO_FILES_H_
