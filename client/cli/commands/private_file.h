// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <string_view>

#include "absl/status/status.h"

namespace pinhole::cli {

// Atomically replaces the file `path` with `text`, readable only by its owner.
// Creates a missing parent directory.
// Errors: FAILED_PRECONDITION ("cannot write PATH: ...").
absl::Status WritePrivateFile(const std::filesystem::path& path,
                              std::string_view text);

}  // namespace pinhole::cli
