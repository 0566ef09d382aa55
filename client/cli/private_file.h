// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_CLI_PRIVATE_FILE_H_
#define PINHOLE_CLIENT_CLI_PRIVATE_FILE_H_

#include <filesystem>
#include <string_view>

#include "absl/status/status.h"

namespace pinhole::cli {

// Puts `text` in the place of the file `path`, for its owner only.  A reader
// meets the old file or the new one and never a half.  A folder that is missing
// is made.  Errors: FAILED_PRECONDITION ("PATH cannot be written: ...").
absl::Status WritePrivateFile(const std::filesystem::path& path,
                              std::string_view text);

}  // namespace pinhole::cli

#endif  // PINHOLE_CLIENT_CLI_PRIVATE_FILE_H_
