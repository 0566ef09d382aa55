// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_HTTP_COMPRESSION_H_
#define PINHOLE_GATEWAY_HTTP_COMPRESSION_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gateway/http/http_message.h"

namespace pinhole::gateway {

// How the body of a request is encoded.
enum class Encoding { kIdentity, kGzip, kOther };
Encoding ContentEncoding(const RequestHead& head);

// Errors: INVALID_ARGUMENT (no gzip, or not all of it), RESOURCE_EXHAUSTED
// (more than `limit` bytes come out; not many more are ever in memory).
absl::StatusOr<std::string> Gunzip(std::string_view data, std::uint64_t limit);

std::string Gzip(std::string_view data);

// Whether Accept-Encoding prefers gzip to nothing, by its weights (RFC 9110).
bool AcceptsGzip(const RequestHead& head);

// Compresses a body of text that is long enough, if the client takes it, and
// makes the headers agree.  Everything else stays as it is, what is compressed
// already included.
void CompressBody(const RequestHead& head, Response* response);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_HTTP_COMPRESSION_H_
