// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/media/photo_reader.h"
#include "server/media/photo_tree.h"
#include "server/media/renditions.h"
#include "server/model/photo.h"

namespace pinhole::media {

// Long enough to follow a redirect, and short because nobody can revoke it.
inline constexpr absl::Duration kRedirectLifetime = absl::Minutes(1);

// The files of published photos: of each, the original and three renditions,
// which never change.  Several servers of one installation can use the same
// files.  Keys are those of `IsPhotoKey`.  All functions block.  Thread-safe.
//
// Errors of all functions, besides their own: UNAVAILABLE.
class PhotoStore {
 public:
  virtual ~PhotoStore() = default;

  // Makes the files in the local directory `folder`, which are durable, the
  // photo `key`, durably.  May move or keep `folder`.  Succeeds if the same
  // photo has been published already.  While this runs and after an error, a
  // file of the photo is either missing or complete; `Remove` removes what is
  // there.  Errors: ALREADY_EXISTS (other files have been published under
  // `key`; they stay), RESOURCE_EXHAUSTED (disk full), and those of reading
  // the files.
  virtual absl::Status Publish(std::string_view key,
                               const std::filesystem::path& folder,
                               const PhotoDigests& digests) = 0;

  // Opens a file at byte `offset`, which must not be negative; past the end
  // there are no bytes.  The store must outlive the reader. Errors: NOT_FOUND
  // (also if `key` is not a key), DATA_LOSS.
  virtual absl::StatusOr<std::unique_ptr<PhotoReader>> Open(
      std::string_view key, RenditionSize size, std::int64_t offset) const = 0;

  // Size of a file in bytes.  Errors: NOT_FOUND (also if `key` is not a key),
  // DATA_LOSS.
  virtual absl::StatusOr<std::int64_t> SizeBytes(std::string_view key,
                                                 RenditionSize size) const = 0;

  // Returns a URL with which anyone can read the file for `kRedirectLifetime`;
  // nothing if the store does not offer one.  Does not look whether the file
  // exists.
  virtual std::optional<std::string> RedirectUri(std::string_view /*key*/,
                                                 RenditionSize /*size*/) const {
    return std::nullopt;
  }

  // Creates the local file `to` with the content of the original. Errors:
  // NOT_FOUND (also if `key` is not a key), DATA_LOSS, RESOURCE_EXHAUSTED (disk
  // full).
  virtual absl::Status FetchOriginal(std::string_view key,
                                     const std::filesystem::path& to) const = 0;

  // Removes photos durably, also unfinished ones.  Not an error if they are
  // missing.  Errors: INVALID_ARGUMENT (not a key).
  virtual absl::Status Remove(const std::vector<std::string>& keys) = 0;

  // The directory of the photos, or null if they are not in one.
  virtual const PhotoTree* tree() const { return nullptr; }
};

}  // namespace pinhole::media
