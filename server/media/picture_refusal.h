// SPDX-License-Identifier: Apache-2.0

// Reasons for refusing an uploaded file.  Shared by the parsers, the decoder
// and the upload code, so that a client reads the same text wherever a fault is
// found.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace pinhole::media {

// A refused file is INVALID_ARGUMENT with one of these reasons (WithReason of
// base/errors.h), so that programs can tell the causes apart.
inline constexpr std::string_view kEmptyFile = "EMPTY_FILE";
inline constexpr std::string_view kUnsupportedType = "UNSUPPORTED_TYPE";
inline constexpr std::string_view kTooManyBytes = "TOO_MANY_BYTES";
inline constexpr std::string_view kTooManyPixels = "TOO_MANY_PIXELS";
inline constexpr std::string_view kSideTooLong = "SIDE_TOO_LONG";
inline constexpr std::string_view kMultipleFrames = "MULTIPLE_FRAMES";
inline constexpr std::string_view kDamagedFile = "DAMAGED_FILE";
inline constexpr std::string_view kSizeMismatch = "SIZE_MISMATCH";

// The media type according to the first bytes of a file (pass at least 32 if
// the file has them); empty if it is none of the accepted types.
std::string SniffContentType(std::string_view head);

absl::Status EmptyFile();
absl::Status UnsupportedType();
// For a file of an accepted type that uses an unsupported coding. `coding`
// completes "...; <coding> is not accepted": "lossless JPEG".
absl::Status UnsupportedCoding(std::string_view coding);
absl::Status Damaged();
// For a JPEG that would keep a decoder busy for seconds (kDamagedFile).
absl::Status TooManyScans();
absl::Status MultipleFrames();

// OK if a picture of this many pixels is within the limits of model/limits.h. A
// side of zero or less means damage.
absl::Status CheckSize(std::int64_t width, std::int64_t height);

}  // namespace pinhole::media
