// SPDX-License-Identifier: Apache-2.0

#include "server/app/data/s3_flags.h"

#include <cstdlib>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "fmt/format.h"

namespace pinhole::app {
namespace {

using media::s3::Addressing;

std::string FromEnvironment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

std::vector<Option> AddS3Flags(CliCommand command, S3Options& options) {
  media::s3::BucketOptions& bucket = options.bucket;
  return {
      command
          .Add("--media", bucket.url,
               "Bucket for the photos, in place of --media-dir: s3://BUCKET "
               "or s3://BUCKET/PREFIX")
          .Form("s3://BUCKET[/PREFIX]"),
      command
          .Add("--s3-endpoint", bucket.endpoint,
               "Server that has the bucket of --media: http://HOST[:PORT] or "
               "https://HOST[:PORT]; by default Amazon S3 in --s3-region")
          .Form("URL"),
      command
          .Add("--s3-region", bucket.region,
               "Region of the bucket of --media, which is part of signatures")
          .Form("NAME")
          .ShowDefault(),
      command.AddChoice<Addressing>(
          "--s3-addressing", bucket.addressing,
          {{"auto", Addressing::kAuto},
           {"path", Addressing::kPath},
           {"virtual-host", Addressing::kVirtualHost}},
          "Where requests name the bucket of --media: in the path, or in the "
          "host name; auto means the host name at Amazon S3 and the path at "
          "any --s3-endpoint"),
      command
          .Add("--s3-credentials", options.credentials,
               "File with the access key for the bucket of --media, in the "
               "format of ~/.aws/credentials, section [default]; without it, "
               "the key is taken from the environment variables "
               "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
               "AWS_SESSION_TOKEN")
          .ExistingFile()};
}

absl::StatusOr<media::s3::Credentials> FindCredentials(
    const S3Options& options) {
  if (!options.credentials.empty()) {
    return media::s3::ReadCredentials(options.credentials);
  }
  media::s3::Credentials credentials;
  for (const auto& [name, value] :
       {std::pair{"AWS_ACCESS_KEY_ID", &credentials.access_key_id},
        {"AWS_SECRET_ACCESS_KEY", &credentials.secret_access_key}}) {
    *value = FromEnvironment(name);
    if (value->empty()) {
      return absl::InvalidArgumentError(fmt::format(
          "--media needs an access key: set {} in the environment, or name a "
          "file with --s3-credentials",
          name));
    }
  }
  credentials.session_token = FromEnvironment("AWS_SESSION_TOKEN");
  return credentials;
}

}  // namespace pinhole::app
