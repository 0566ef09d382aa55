// SPDX-License-Identifier: Apache-2.0

#include "server/media/decode/pixels.h"

#include "server/media/picture_refusal.h"

namespace pinhole::media {
namespace {

// Uses libvips for PNG and WebP; it stops at the first error, missing pixels
// included.
absl::StatusOr<Pixels> OpenWithVips(std::string_view file,
                                    int (*load)(void*, size_t, VipsImage**,
                                                ...)) {
  VipsImage* opened = nullptr;
  // libvips does not change the bytes.
  if (load(const_cast<char*>(file.data()), file.size(), &opened, "access",
           VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_WARNING,
           nullptr) != 0) {
    vips_error_clear();
    return Damaged();
  }
  Pixels pixels;
  pixels.image.reset(opened);
  return pixels;
}

}  // namespace

absl::StatusOr<Pixels> OpenPixels(const WalkedPicture& picture, int side) {
  switch (picture.type) {
    case PictureType::kJpeg:
      return OpenJpeg(picture.bytes, side);
    case PictureType::kPng:
      return OpenWithVips(picture.bytes, vips_pngload_buffer);
    case PictureType::kWebp:
      return OpenWithVips(picture.bytes, vips_webpload_buffer);
    case PictureType::kHeic:
      return OpenHeic(picture.bytes);
  }
  return UnsupportedType();
}

}  // namespace pinhole::media
