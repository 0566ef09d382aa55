// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gateway/http/http_message.h"

namespace pinhole::gateway {

// The encoding of a request's body.
enum class Encoding { kIdentity, kGzip, kOther };
Encoding ContentEncoding(const RequestHead& head);

// Errors: INVALID_ARGUMENT (the data is not gzip, or is incomplete),
// RESOURCE_EXHAUSTED (the result has more than `limit` bytes).  Uses hardly
// more memory than `limit`.
absl::StatusOr<std::string> Gunzip(std::string_view data, std::uint64_t limit);

std::string Gzip(std::string_view data);

// Whether Accept-Encoding prefers gzip to no encoding (RFC 9110).
bool AcceptsGzip(const RequestHead& head);

// Compresses the body if it is text, long enough, not compressed yet, and the
// client accepts gzip.  Adjusts the headers.
void CompressBody(const RequestHead& head, Response* response);

}  // namespace pinhole::gateway
