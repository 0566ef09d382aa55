// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <memory>

#include "absl/status/statusor.h"
#include "server/app/data/data_dir.h"
#include "server/app/data/s3_flags.h"
#include "server/media/photo_files.h"
#include "server/media/photo_store.h"
#include "server/store/store.h"

namespace pinhole::app {

// Opens the published photos of a server, in the bucket of `s3` or, if that is
// not enabled, in `media_dir`, which is created with its parents if it is
// missing.  The photos belong to the installation whose database `store` is.
// Errors: those of `media::PhotoFolder::Open` and
// `media::s3::PhotoBucket::Open`; FAILED_PRECONDITION (also if a bucket, or a
// directory outside of the data directory, has no photos although the store
// lists some: perhaps its volume is not mounted).
absl::StatusOr<std::unique_ptr<media::PhotoStore>> OpenPhotoStore(
    const DataDir& data_dir, const std::filesystem::path& media_dir,
    const S3Options& s3, const Store& store);

// As `OpenPhotoStore`, with the uploads in progress in the data directory,
// which must be locked.  Errors: also those of `media::PhotoFiles::Open`.
absl::StatusOr<std::unique_ptr<media::PhotoFiles>> OpenPhotoFiles(
    const DataDir& data_dir, const std::filesystem::path& media_dir,
    const S3Options& s3, const Store& store);

}  // namespace pinhole::app
