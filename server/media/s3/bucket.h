// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace pinhole::media::s3 {

enum class Addressing {
  kAuto,         // kVirtualHost at Amazon, kPath at other endpoints.
  kPath,         // https://HOST/BUCKET/KEY
  kVirtualHost,  // https://BUCKET.HOST/KEY
};

// What the options say about a bucket.
struct BucketOptions {
  std::string url;  // s3://BUCKET or s3://BUCKET/PREFIX.
  std::string endpoint =
      {};  // http://HOST[:PORT] or https://...; empty: Amazon.
  std::string region = "us-east-1";
  Addressing addressing = Addressing::kAuto;
};

// A bucket and how its objects are addressed.
struct Bucket {
  std::string name;
  std::string prefix;  // Before every key: empty, or ends with a slash.
  std::string region;
  std::string origin;  // Scheme and host: "https://s3.example.org:9000".
  std::string host;    // As in the Host header.
  std::string root;    // Before every path: empty or "/BUCKET".

  // Path of an object within the origin, not percent-encoded.
  std::string PathOf(std::string_view key) const;
};

// Errors: INVALID_ARGUMENT, with a message that begins with the option's name.
absl::StatusOr<Bucket> ResolveBucket(const BucketOptions& options);

}  // namespace pinhole::media::s3
