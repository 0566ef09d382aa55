// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/media/s3/connection.h"

namespace pinhole::media::s3 {

// The text of the first element `name` in a response of S3, or an empty string.
// For elements that contain no others.
std::string ElementOf(std::string_view xml, std::string_view name);

// The error for a response that is not a success.  The message says what an
// operator should check; `bucket` and `region` are the configured ones. Codes:
// NOT_FOUND (no such object), ALREADY_EXISTS (an object with the key exists),
// OUT_OF_RANGE (the object is shorter than the range), DATA_LOSS (the body does
// not have the digest that was sent), UNAVAILABLE (the same request may succeed
// later), FAILED_PRECONDITION (it will not, until someone changes the
// configuration or the bucket).
absl::Status ErrorOf(const HttpResponse& response, std::string_view body,
                     std::string_view bucket, std::string_view region);

}  // namespace pinhole::media::s3
