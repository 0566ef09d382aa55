// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <vector>

#include "absl/status/statusor.h"
#include "base/options/cli_command.h"
#include "server/media/s3/bucket.h"
#include "server/media/s3/credentials.h"

namespace pinhole::app {

// The bucket of the photos.
struct S3Options {
  media::s3::BucketOptions bucket;
  std::filesystem::path credentials;  // Empty: from the environment.
  bool redirects = false;             // Of public downloads, to the bucket.

  // Whether the photos are in a bucket.
  bool enabled() const { return !bucket.url.empty(); }
};

// Adds --media and the options --s3-*.  `options` must outlive the parsing.
std::vector<Option> AddS3Flags(CliCommand command, S3Options& options);

// Reads the access key from the file of --s3-credentials, or from
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. Errors:
// INVALID_ARGUMENT (says which of them is missing).
absl::StatusOr<media::s3::Credentials> FindCredentials(
    const S3Options& options);

}  // namespace pinhole::app
