// SPDX-License-Identifier: Apache-2.0

// The pixels of a picture as decoded: before rotation, in the colours of the
// file.

#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/media/decode/image.h"
#include "server/media/walk/walked_picture.h"

namespace pinhole::media {

struct Pixels {
  // 1 band (grey), 3 (RGB) or 4 (CMYK), or 2 or 4 with alpha; 8 or 16 bits.
  // Decoded while it is read, once, from top to bottom.
  Image image;
  // Whether pixels are missing from the file; known once `image` has been read.
  std::function<bool()> incomplete = [] { return false; };
  // The data source of `image`, which it must outlive.
  std::shared_ptr<void> source;
};

// Opens `picture.bytes`, which must outlive the result.  A JPEG may be opened
// at 1/2, 1/4 or 1/8 of its size as long as its longer side keeps at least
// twice `side` pixels. Errors: INVALID_ARGUMENT with a reason of
// picture_refusal.h.
absl::StatusOr<Pixels> OpenPixels(const WalkedPicture& picture, int side);

// The implementations of OpenPixels for single formats.
absl::StatusOr<Pixels> OpenJpeg(std::string_view file, int side);
absl::StatusOr<Pixels> OpenHeic(std::string_view file);

}  // namespace pinhole::media
