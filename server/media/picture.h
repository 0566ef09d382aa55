// SPDX-License-Identifier: Apache-2.0

// Pictures: checking an uploaded file and making its renditions, with libvips.

#ifndef PINHOLE_SERVER_MEDIA_PICTURE_H_
#define PINHOLE_SERVER_MEDIA_PICTURE_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pinhole::media {

// The numbers of `v1::Rendition`.
enum class RenditionSize : std::int8_t {
  kThumbnail = 1,  // 320 pixels on the longer side
  kMedium = 2,     // 1080
  kLarge = 3,      // 2048
  kOriginal = 4,
};

struct PictureInfo {
  std::int32_t width = 0;   // Upright, in pixels.
  std::int32_t height = 0;  // Upright, in pixels.
  std::int64_t size_bytes = 0;
  std::string content_type;
};

// What `RenderPicture` writes.
inline constexpr std::string_view kThumbnailFile = "thumbnail.jpg";
inline constexpr std::string_view kMediumFile = "medium.jpg";
inline constexpr std::string_view kLargeFile = "large.jpg";

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

// The media type by the file's first bytes (at least 32 are wanted), empty if
// it is none of the accepted ones.
std::string SniffContentType(std::string_view head);

// Whether `content_type` (parameters allowed) names an accepted type.
bool IsAcceptedContentType(std::string_view content_type);

// Checks `original` against the limits before decoding it, then writes
// thumbnail.jpg, medium.jpg and large.jpg into `folder`: upright, metadata
// removed, colours converted to sRGB, never enlarged.  Thread-safe; uses one
// thread.
// Errors: INVALID_ARGUMENT with a reason above, RESOURCE_EXHAUSTED (disk full),
// UNAVAILABLE, INTERNAL (libvips does not start).
absl::StatusOr<PictureInfo> RenderPicture(const std::filesystem::path& original,
                                          const std::filesystem::path& folder);

}  // namespace pinhole::media

#endif  // PINHOLE_SERVER_MEDIA_PICTURE_H_
