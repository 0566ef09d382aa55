// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"

namespace pinhole::media::s3 {

// The access key with which requests to S3 are signed.  Must never be logged.
struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token = {};  // Empty unless the key is temporary.

  bool operator==(const Credentials&) const = default;
};

// Reads the section [default] of a file in the format of ~/.aws/credentials.
// Messages of errors name the file and the line, never their content. Errors:
// INVALID_ARGUMENT.
absl::StatusOr<Credentials> ReadCredentials(const std::filesystem::path& path);

}  // namespace pinhole::media::s3
