// SPDX-License-Identifier: Apache-2.0

// The errors for refused files: INVALID_ARGUMENT with a reason
// (base/error_reasons.h).  Shared by the parsers, the decoder and the upload
// code, so that a client reads the same text wherever a fault is found.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace pinhole::media {

// The media type according to the first bytes of a file (pass at least 32 if
// the file has them); empty if it is none of the accepted types.
std::string SniffContentType(std::string_view head);

absl::Status EmptyFile();
absl::Status UnsupportedType();
// For a file of an accepted type that uses an unsupported coding. `coding`
// completes "...; <coding> is not accepted": "lossless JPEG".
absl::Status UnsupportedCoding(std::string_view coding);
absl::Status Damaged();
// For a JPEG that would keep a decoder busy for seconds (DAMAGED_FILE).
absl::Status TooManyScans();
absl::Status MultipleFrames();

// OK if a picture of this many pixels is within the limits of model/limits.h. A
// side of zero or less means damage.
absl::Status CheckSize(std::int64_t width, std::int64_t height);

}  // namespace pinhole::media
