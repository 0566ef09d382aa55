// SPDX-License-Identifier: Apache-2.0

// Photos in a directory:
//
//   MEDIA/KE/KEY/          a published photo: original, thumbnail.jpg,
//                          medium.jpg, large.jpg
//   MEDIA/KE/KEY.part/     a photo that is being copied from another file
//                          system
//   MEDIA/installation     names the installation that the photos belong to

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/media/photo_store.h"
#include "server/media/photo_tree.h"

namespace pinhole::media {

// Photos in a directory, which can be shared by the servers of an installation
// and can be on a network file system.  A photo is published by moving its
// directory as a whole; from another file system, it is copied first.  Open
// readers can read to the end even if the photo is removed.
class PhotoFolder final : public PhotoStore {
 public:
  // Opens or creates the directory (mode 0700; its parent must exist).  A
  // directory without a name gets that of `installation`: one line, the same
  // for all servers of an installation.  Errors: FAILED_PRECONDITION (the
  // directory belongs to another installation, or cannot be written),
  // UNAVAILABLE, RESOURCE_EXHAUSTED (disk full).
  static absl::StatusOr<std::unique_ptr<PhotoFolder>> Open(
      std::filesystem::path media, std::string_view installation);

  absl::Status Publish(std::string_view key,
                       const std::filesystem::path& folder,
                       const PhotoDigests& digests) override;
  absl::StatusOr<std::unique_ptr<PhotoReader>> Open(
      std::string_view key, RenditionSize size,
      std::int64_t offset) const override;
  absl::StatusOr<std::int64_t> SizeBytes(std::string_view key,
                                         RenditionSize size) const override;
  // Hard-links the file where possible.
  absl::Status FetchOriginal(std::string_view key,
                             const std::filesystem::path& to) const override;
  absl::Status Remove(const std::vector<std::string>& keys) override;
  const PhotoTree* tree() const override { return &tree_; }

 private:
  explicit PhotoFolder(std::filesystem::path media) : tree_(std::move(media)) {}
  absl::StatusOr<File> OpenFile(std::string_view key, RenditionSize size) const;

  const PhotoTree tree_;
};

}  // namespace pinhole::media
