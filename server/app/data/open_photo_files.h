// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <memory>

#include "absl/status/statusor.h"
#include "server/app/data/data_dir.h"
#include "server/media/photo_files.h"
#include "server/store/store.h"

namespace pinhole::app {

// Opens the photo files of a server: uploads in progress in the data directory,
// which must be locked, and photos in `media_dir`, which is created with its
// parents if it is missing.  The photos belong to the installation whose
// database `store` is.  Errors: those of `media::PhotoFiles::Open`;
// FAILED_PRECONDITION (also if a directory outside of the data directory has no
// photos although the store has: perhaps its volume is not mounted).
absl::StatusOr<std::unique_ptr<media::PhotoFiles>> OpenPhotoFiles(
    const DataDir& data_dir, const std::filesystem::path& media_dir,
    const Store& store);

}  // namespace pinhole::app
