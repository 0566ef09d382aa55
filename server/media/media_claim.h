// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <string_view>

#include "absl/status/status.h"

namespace pinhole::media {

// Ensures that the directory `media`, which must exist, belongs to
// `installation`, one line: its file `installation` has that line.  Creates the
// file if it is missing; of several servers that do so at once, the first one
// wins.  Errors: FAILED_PRECONDITION (it belongs to another installation, or
// cannot be written), UNAVAILABLE, RESOURCE_EXHAUSTED.
absl::Status ClaimFolder(const std::filesystem::path& media,
                         std::string_view installation);

}  // namespace pinhole::media
