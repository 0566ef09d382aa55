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
#include "server/media/photo_store.h"
#include "server/media/s3/client.h"

namespace pinhole::media::s3 {

// Photos in a bucket, under the names that they have in a `PhotoFolder`:
//
//   KE/KEY/original and so on   the files of a photo
//   installation                names the installation that the photos belong
//                               to
//
// so a directory of photos can be copied into a bucket and back.  The objects
// of a photo appear one after the other, each complete.
class PhotoBucket final : public PhotoStore {
 public:
  struct Options {
    // Whether `RedirectUri` offers URLs.  Clients must reach the bucket.
    bool redirects = false;
  };

  // Checks that the bucket can be used.  A bucket without a name gets that of
  // `installation`, unless `has_photos`: then its photos must be here already.
  // Errors: FAILED_PRECONDITION (the bucket belongs to another installation,
  // has no photos, or cannot be used: the message says what to check),
  // UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<PhotoBucket>> Open(
      std::unique_ptr<Client> client, std::string_view installation,
      bool has_photos, Options options);

  absl::Status Publish(std::string_view key,
                       const std::filesystem::path& folder,
                       const PhotoDigests& digests) override;
  absl::StatusOr<std::unique_ptr<PhotoReader>> Open(
      std::string_view key, RenditionSize size,
      std::int64_t offset) const override;
  absl::StatusOr<std::int64_t> SizeBytes(std::string_view key,
                                         RenditionSize size) const override;
  std::optional<std::string> RedirectUri(std::string_view key,
                                         RenditionSize size) const override;
  absl::Status FetchOriginal(std::string_view key,
                             const std::filesystem::path& to) const override;
  absl::Status Remove(const std::vector<std::string>& keys) override;

 private:
  PhotoBucket(std::unique_ptr<Client> client, Options options)
      : client_(std::move(client)), options_(options) {}
  absl::Status Claim(std::string_view installation, bool has_photos);

  const std::unique_ptr<Client> client_;
  const Options options_;
};

}  // namespace pinhole::media::s3
