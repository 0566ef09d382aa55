// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_CLI_PRIVATE_FILE_H_
#define PINHOLE_CLIENT_CLI_PRIVATE_FILE_H_

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

#endif  // PINHOLE_CLIENT_CLI_PRIVATE_FILE_H_
