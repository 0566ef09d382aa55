// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "server/app/data/s3_flags.h"

namespace pinhole::app {

struct RebuildRequest {
  std::filesystem::path data_dir;
  std::string store;  // URI of a PostgreSQL database; empty: SQLite.
  std::filesystem::path media_dir;
  S3Options s3;      // If enabled, in place of `media_dir`.
  bool all = false;  // Also renditions that are not outdated.
};

// Rebuilds outdated renditions on all cores and prints its progress to `out`.
// The server of a SQLite database must be stopped; those of a PostgreSQL
// database can run, but not on `data_dir`, which is for files in progress then.
// After an interruption, the next run without `all`, or a server, completes the
// work. Errors: as `OfflineStore::Open` or `OpenPostgres`, `OpenPhotoFiles` and
// `Renditions::RebuildNext`; DATA_LOSS (files of a photo are missing or
// damaged; the others are rebuilt nevertheless).
absl::Status RebuildRenditions(const RebuildRequest& request,
                               std::ostream& out);

}  // namespace pinhole::app
