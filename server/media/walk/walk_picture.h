// SPDX-License-Identifier: Apache-2.0

// Sanitizes an uploaded file before any decoder reads it: copies what a decoder
// needs into a new file and drops everything else (metadata, thumbnails, gain
// maps, further pictures, data after the picture).

#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "server/media/walk/walked_picture.h"

namespace pinhole::media {

// The header of each format lists what is kept: jpeg.h, png.h, webp.h, heic.h.
// Decodes no pixels, so the picture may still prove to be truncated or damaged.
// Takes time linear in the size of `file`, and memory for two copies of it and
// one colour profile.  Thread-safe; accepts any bytes. Errors: INVALID_ARGUMENT
// with a reason of picture_refusal.h.
absl::StatusOr<WalkedPicture> WalkPicture(std::string_view file);

}  // namespace pinhole::media
