// SPDX-License-Identifier: Apache-2.0

// The walk through an uploaded file, before any decoder sees it: copies what a
// decoder needs into a new file and leaves out the rest (metadata, thumbnails,
// gain maps, further pictures, what follows the picture).

#ifndef PINHOLE_SERVER_MEDIA_WALK_WALK_PICTURE_H_
#define PINHOLE_SERVER_MEDIA_WALK_WALK_PICTURE_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "server/media/walk/walked_picture.h"

namespace pinhole::media {

// What is kept of each format is listed in its file: jpeg.h, png.h, webp.h,
// heic.h.  Decodes no pixels, so that the picture may still prove to be cut off
// or damaged.  Takes time linear in the size of `file`, and memory for two
// copies of it and one colour profile.  Thread-safe; takes any bytes.
// Errors: INVALID_ARGUMENT with a reason of picture_refusal.h.
absl::StatusOr<WalkedPicture> WalkPicture(std::string_view file);

}  // namespace pinhole::media

#endif  // PINHOLE_SERVER_MEDIA_WALK_WALK_PICTURE_H_
