// SPDX-License-Identifier: Apache-2.0

#include "server/app/data/open_photo_files.h"

#include <errno.h>
#include <sys/stat.h>

#include <string>
#include <system_error>
#include <utility>

#include "base/sha256.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/media/photo_folder.h"
#include "server/media/photo_tree.h"
#include "server/media/s3/photo_bucket.h"

namespace pinhole::app {
namespace {

namespace fs = std::filesystem;

// The store's secret keys tokens, so it must not be in a shared directory.
std::string InstallationOf(const Store& store) {
  constexpr std::size_t kDigits = 32;
  return ToHex(Sha256Of(fmt::format("media directory {}", store.secret())),
               kDigits);
}

// Returns the directory without symbolic links, after creating it.
absl::StatusOr<fs::path> CreateFolder(const fs::path& folder) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(folder, error);
  if (!error) fs::create_directories(real.parent_path(), error);
  if (!error && mkdir(real.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    error = std::error_code(errno, std::generic_category());
  }
  if (!error && !fs::is_directory(real, error) && !error) {
    error = std::make_error_code(std::errc::not_a_directory);
  }
  if (!error) return real;
  return absl::FailedPreconditionError(
      fmt::format("cannot use {} for photos: {}; choose another --media-dir",
                  folder.string(), error.message()));
}

// Directories outside of the data directory are often mounted.  A server that
// started without the volume would answer DATA_LOSS for each photo, and store
// new ones below the mount point.
absl::Status RefuseMissingPhotos(const fs::path& media_dir,
                                 const Store& store) {
  const std::int64_t photos = store.Stats().rows.photos;
  if (photos == 0 || media::PhotoTree(media_dir).HasPhotos()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(fmt::format(
      "there are no photos in {} although the database has {}; mount the "
      "volume of the photos or restore them from a backup (to start without "
      "them, create the directory {})",
      media_dir.string(), photos, (media_dir / "00").string()));
}

absl::StatusOr<std::unique_ptr<media::PhotoStore>> OpenFolder(
    const DataDir& data_dir, const fs::path& media_dir, const Store& store) {
  ASSIGN_OR_RETURN(const fs::path media, CreateFolder(media_dir));
  if (media_dir != data_dir.photos()) {
    RETURN_IF_ERROR(RefuseMissingPhotos(media, store));
  }
  return media::PhotoFolder::Open(media, InstallationOf(store));
}

absl::StatusOr<std::unique_ptr<media::PhotoStore>> OpenBucket(
    const S3Options& options, const Store& store) {
  ASSIGN_OR_RETURN(media::s3::Bucket bucket,
                   media::s3::ResolveBucket(options.bucket));
  ASSIGN_OR_RETURN(const media::s3::Credentials credentials,
                   FindCredentials(options));
  return media::s3::PhotoBucket::Open(
      std::make_unique<media::s3::Client>(std::move(bucket), credentials,
                                          media::s3::ClientOptions{}),
      InstallationOf(store), store.Stats().rows.photos > 0,
      {.redirects = options.redirects});
}

}  // namespace

absl::StatusOr<std::unique_ptr<media::PhotoStore>> OpenPhotoStore(
    const DataDir& data_dir, const fs::path& media_dir, const S3Options& s3,
    const Store& store) {
  return s3.enabled() ? OpenBucket(s3, store)
                      : OpenFolder(data_dir, media_dir, store);
}

absl::StatusOr<std::unique_ptr<media::PhotoFiles>> OpenPhotoFiles(
    const DataDir& data_dir, const fs::path& media_dir, const S3Options& s3,
    const Store& store) {
  ASSIGN_OR_RETURN(std::unique_ptr<media::PhotoStore> photos,
                   OpenPhotoStore(data_dir, media_dir, s3, store));
  return media::PhotoFiles::Open(data_dir.scratch(), std::move(photos));
}

}  // namespace pinhole::app
