// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_MEDIA_WALK_PNG_H_
#define PINHOLE_SERVER_MEDIA_WALK_PNG_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "server/media/walk/walked_picture.h"

namespace pinhole::media {

// PNG (third edition, W3C 2025).  The new file has
//   IHDR, PLTE (of a palette picture), tRNS, IDATs, IEND.
// The profile comes from iCCP, the colour from cICP, the orientation from eXIf
// before or after the pixels.  The checksums of critical chunks must be right;
// other chunks whose checksum is wrong are ignored, as libpng does.
//
// Unless the file is cut off, whether the pixels are complete is for the
// decoder to say: inflating them here would cost as much as decoding.  Of a
// file that ends early they are inflated, and must be all there.
// An APNG of one frame is the still picture that every decoder shows.
absl::StatusOr<WalkedPicture> WalkPng(std::string_view file);

}  // namespace pinhole::media

#endif  // PINHOLE_SERVER_MEDIA_WALK_PNG_H_
