// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "server/media/walk/walked_picture.h"

namespace pinhole::media {

// WebP (RFC 9649).  The new file has "VP8 " or VP8L alone or, with transparency
// beside VP8, VP8X, ALPH and "VP8 ".  The profile comes from ICCP, the
// orientation from EXIF.
//
// The length that RIFF states is ignored, and data may be missing after the
// pixels.  The first chunk with pixels counts.  An animation of one frame
// becomes a still picture of that frame alone, even if the frame covers only a
// part of the canvas: the canvas has only a suggested colour.
absl::StatusOr<WalkedPicture> WalkWebp(std::string_view file);

}  // namespace pinhole::media
