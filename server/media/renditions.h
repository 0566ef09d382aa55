// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pinhole::media {

// Same numbers as `v1::Rendition`.
enum class RenditionSize : std::int8_t {
  kThumbnail = 1,
  kMedium = 2,
  kLarge = 3,
  kOriginal = 4,
};

// A kind of rendition that is made of every picture.
struct RenditionKind {
  std::string_view file;  // Name in the photo's directory.
  int side;               // Maximum pixels on the longer side.
};

// From small to large; the index is the number of `RenditionSize` less 1.
inline constexpr std::array<RenditionKind, 3> kRenditions = {
    {{"thumbnail.jpg", 320}, {"medium.jpg", 1080}, {"large.jpg", 2048}}};

// Maximum size of a rendition: several times that of a picture of noise.
inline constexpr std::size_t kMaxRenditionBytes = 16 << 20;

// The accepted picture types.
inline constexpr std::array<std::string_view, 4> kContentTypes = {
    "image/jpeg", "image/png", "image/webp", "image/heic"};

struct PictureInfo {
  std::int32_t width = 0;   // In pixels, after rotation.
  std::int32_t height = 0;  // In pixels, after rotation.
  std::int64_t size_bytes = 0;
  std::string content_type;
};

// An accepted picture, with the bytes of its renditions: JPEG, upright, sRGB,
// without metadata, never enlarged.
struct Renditions {
  PictureInfo info;
  // In the order of `kRenditions`.
  std::array<std::string, kRenditions.size()> files;
};

}  // namespace pinhole::media
