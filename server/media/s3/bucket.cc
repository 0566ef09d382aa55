// SPDX-License-Identifier: Apache-2.0

#include "server/media/s3/bucket.h"

#include <algorithm>

#include "absl/status/status.h"
#include "fmt/format.h"

namespace pinhole::media::s3 {
namespace {

constexpr std::string_view kScheme = "s3://";

bool IsLowerOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// The rule of S3 for names, without its rarer exceptions.
bool IsBucketName(std::string_view name) {
  constexpr std::size_t kMin = 3;
  constexpr std::size_t kMax = 63;
  return name.size() >= kMin && name.size() <= kMax &&
         IsLowerOrDigit(name.front()) && IsLowerOrDigit(name.back()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return IsLowerOrDigit(c) || c == '-' || c == '.';
         });
}

bool IsRegion(std::string_view region) {
  return !region.empty() &&
         std::all_of(region.begin(), region.end(),
                     [](char c) { return IsLowerOrDigit(c) || c == '-'; });
}

// A prefix must read the same in a URL, in a path and in a listing.
bool IsPrefix(std::string_view prefix) {
  return std::all_of(prefix.begin(), prefix.end(),
                     [](char c) {
                       return IsLowerOrDigit(c) || (c >= 'A' && c <= 'Z') ||
                              c == '-' || c == '_' || c == '.' || c == '/';
                     }) &&
         !prefix.starts_with('/') &&
         prefix.find("//") == std::string_view::npos &&
         ("/" + std::string(prefix)).find("/.") == std::string::npos;
}

bool IsHost(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return c > ' ' && c != '/' && c != '?' && c != '#' && c != '@' && c < 0x7f;
  });
}

}  // namespace

std::string Bucket::PathOf(std::string_view key) const {
  return fmt::format("{}/{}{}", root, prefix, key);
}

absl::StatusOr<Bucket> ResolveBucket(const BucketOptions& options) {
  const auto refuse = [](std::string message) {
    return absl::InvalidArgumentError(std::move(message));
  };
  std::string_view rest = options.url;
  if (rest.starts_with(kScheme)) rest.remove_prefix(kScheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  Bucket bucket;
  bucket.name = rest.substr(0, slash);
  bucket.prefix = rest.substr(std::min(slash + 1, rest.size()));
  if (!options.url.starts_with(kScheme) || !IsBucketName(bucket.name) ||
      !IsPrefix(bucket.prefix)) {
    return refuse(fmt::format(
        "--media must be s3://BUCKET or s3://BUCKET/PREFIX, got \"{}\"; the "
        "bucket must have 3 to 63 characters a-z, 0-9, \"-\" and \".\", the "
        "prefix only letters, digits, \"-\", \"_\", \".\" and single slashes",
        options.url));
  }
  if (!bucket.prefix.empty() && !bucket.prefix.ends_with('/')) {
    bucket.prefix += '/';
  }
  if (!IsRegion(options.region)) {
    return refuse(
        fmt::format("--s3-region must be a name such as eu-central-1, got "
                    "\"{}\"",
                    options.region));
  }
  bucket.region = options.region;

  std::string_view scheme = "https://";
  bucket.host = fmt::format("s3.{}.amazonaws.com", bucket.region);
  if (!options.endpoint.empty()) {
    std::string_view host = options.endpoint;
    if (host.starts_with("http://")) scheme = "http://";
    if (!host.starts_with(scheme)) host = {};
    host.remove_prefix(std::min(scheme.size(), host.size()));
    if (host.ends_with('/')) host.remove_suffix(1);
    if (!IsHost(host)) {
      return refuse(fmt::format(
          "--s3-endpoint must be http://HOST[:PORT] or https://HOST[:PORT], "
          "got \"{}\"",
          options.endpoint));
    }
    bucket.host = host;
  }
  // A wildcard certificate does not match a bucket with a dot in its name.
  const bool by_host =
      options.addressing == Addressing::kVirtualHost ||
      (options.addressing == Addressing::kAuto && options.endpoint.empty() &&
       bucket.name.find('.') == std::string::npos);
  if (by_host) {
    bucket.host = fmt::format("{}.{}", bucket.name, bucket.host);
  } else {
    bucket.root = "/" + bucket.name;
  }
  bucket.origin = fmt::format("{}{}", scheme, bucket.host);
  // libcurl leaves out the scheme's own port in the Host header.
  for (const auto& [own, port] :
       {std::pair<std::string_view, std::string_view>{"http://", ":80"},
        {"https://", ":443"}}) {
    if (scheme == own && bucket.host.ends_with(port)) {
      bucket.host.resize(bucket.host.size() - port.size());
    }
  }
  return bucket;
}

}  // namespace pinhole::media::s3
