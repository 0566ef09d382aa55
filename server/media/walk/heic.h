// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "server/media/walk/walked_picture.h"

namespace pinhole::media {

// HEIC (ISO/IEC 23008-12).  The new file consists of the primary item and
//   - the items that it is derived from: hvc1, and grid, iovl and iden, at most
//     kMaxDepth deep (heic.cc);
//   - its alpha item, if there is one, and whether the colours are
//   premultiplied;
//   - the properties ispe, hvcC, colr (nclx only), pixi, auxC (of the alpha
//     item), irot, imir and clap;
// in the order in which they are reached from the primary item.  Other
// top-level pictures, sequences, thumbnails, depth and gain maps (tmap) and
// metadata are dropped.  EXIF orientation has no meaning in HEIC; the decoder
// applies irot and imir.
//
// The sizes stated by boxes, grids and the HEVC stream must agree, and no item
// may make the decoder allocate or compute out of proportion to the limits.
// Content other than HEVC (AVIF also uses the brand "mif1") is
// UNSUPPORTED_TYPE.
absl::StatusOr<WalkedPicture> WalkHeic(std::string_view file);

}  // namespace pinhole::media
