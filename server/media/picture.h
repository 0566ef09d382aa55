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
#include "server/media/picture_refusal.h"

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


// Checks `original` against the limits before decoding it, then writes
// thumbnail.jpg, medium.jpg and large.jpg into `folder`: upright, metadata
// removed, colours converted to sRGB, never enlarged.  Thread-safe; uses one
// thread.
// Errors: INVALID_ARGUMENT with a reason (picture_refusal.h),
// RESOURCE_EXHAUSTED (disk full), UNAVAILABLE, INTERNAL (libvips does not
// start).
absl::StatusOr<PictureInfo> RenderPicture(const std::filesystem::path& original,
                                          const std::filesystem::path& folder);

}  // namespace pinhole::media

#endif  // PINHOLE_SERVER_MEDIA_PICTURE_H_
