// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace pinhole::domain {

// The description of a backup, in its file MANIFEST.
struct Manifest {
  std::string version;  // Of the Pinhole that made it.
  int schema_version = 0;
  // When the backup began; it contains every change acknowledged before.
  absl::Time create_time;
  std::int64_t users = 0;
  std::int64_t photos = 0;
  std::int64_t photo_bytes = 0;  // Of all files of all photos.
  std::int64_t database_bytes = 0;
  std::string database_sha256;  // 64 hex digits.

  bool operator==(const Manifest&) const = default;
};

// One line "name value" for each field; the first names the format.
std::string FormatManifest(const Manifest& manifest);

// Errors: DATA_LOSS (not a manifest, or truncated), FAILED_PRECONDITION (a
// newer format).
absl::StatusOr<Manifest> ParseManifest(std::string_view text);

}  // namespace pinhole::domain
