// SPDX-License-Identifier: Apache-2.0

// Signatures of requests to S3: AWS Signature Version 4, as described in "AWS
// Signature Version 4 for API requests" and the API reference of S3.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/media/s3/credentials.h"

namespace pinhole::media::s3 {

// Header or query fields, in any order.
using Fields = std::vector<std::pair<std::string, std::string>>;

struct UnsignedRequest {
  std::string method;  // "GET".
  std::string host;    // With the port if it is not that of the scheme.
  std::string path;    // Starts with a slash; not percent-encoded.
  Fields query = {};   // Not percent-encoded.
  // All headers to sign besides Host.  Names are in lower case and unique;
  // values have no spaces at the ends and no repeated spaces.
  Fields headers = {};
  // Hexadecimal SHA-256 of the body, or kUnsignedPayload.
  std::string payload_sha256 = {};
};

inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

// Signs requests to one service in one region.  Immutable, thread-safe.
class Signer {
 public:
  Signer(Credentials credentials, std::string region,
         std::string service = "s3");

  // Returns the headers to send in addition to `request.headers`: x-amz-date,
  // authorization and, if the key is temporary, x-amz-security-token.
  Fields Sign(const UnsignedRequest& request, absl::Time now) const;

  // Returns the path and query of a URL that permits whoever has it to send
  // `request`, with any body, until `now + lifetime`.  S3 allows at most seven
  // days.
  std::string Presign(UnsignedRequest request, absl::Time now,
                      absl::Duration lifetime) const;

 private:
  std::string Scope(absl::Time now) const;
  std::string Signature(const UnsignedRequest& request, absl::Time now) const;

  const Credentials credentials_;
  const std::string region_;
  const std::string service_;
};

// Percent-encodes everything but letters, digits, "-", ".", "_" and "~".
std::string Encode(std::string_view text);

// Like `Encode`, but keeps slashes.
std::string EncodePath(std::string_view path);

// The query sorted by name and value, as it must be signed; it may be sent so.
std::string EncodeQuery(const Fields& query);

}  // namespace pinhole::media::s3
