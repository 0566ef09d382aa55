// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_MEDIA_WALK_HEIC_H_
#define PINHOLE_SERVER_MEDIA_WALK_HEIC_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "server/media/walk/walked_picture.h"

namespace pinhole::media {

// HEIC (ISO/IEC 23008-12).  The new file has the primary item and
//   the items it is made of: hvc1, and grid, iovl and iden, not more than
//     kMaxDepth deep (heic.cc),
//   the item that is its transparency, if there is one, and whether the colours
//     are multiplied by it,
//   their properties ispe, hvcC, colr (nclx only), pixi, auxC (of the
//     transparency), irot, imir and clap,
// all in the order in which they are met from the primary item.  Other
// top-level pictures, sequences beside it, thumbnails, depth and gain maps
// (tmap) and metadata are left out.  EXIF orientation means nothing in HEIC;
// irot and imir stay for the decoder.
//
// The sizes that boxes, grids and the HEVC stream state must agree, and no item
// may have the decoder allocate or compute out of proportion to the limits.
// What is not HEVC (AVIF calls itself "mif1", too) is kUnsupportedType.
absl::StatusOr<WalkedPicture> WalkHeic(std::string_view file);

}  // namespace pinhole::media

#endif  // PINHOLE_SERVER_MEDIA_WALK_HEIC_H_
