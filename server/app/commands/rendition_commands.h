// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <ostream>

#include "absl/status/status.h"
#include "server/app/data/s3_flags.h"

namespace pinhole::app {

// Rebuilds the outdated renditions of a data directory, with its photos in
// the bucket of `s3` or else in `media_dir`, whose server is stopped, on all
// cores; with `all`, those of all photos.  Prints its progress to `out`. After
// an interruption, the next run without `all`, or the server, completes the
// work. Errors: as `OfflineStore::Open`, `OpenPhotoFiles` and
// `Renditions::RebuildNext`; DATA_LOSS (files of a photo are missing or
// damaged; the others are rebuilt nevertheless).
absl::Status RebuildRenditions(const std::filesystem::path& data_dir,
                               const std::filesystem::path& media_dir,
                               const S3Options& s3, bool all,
                               std::ostream& out);

}  // namespace pinhole::app
