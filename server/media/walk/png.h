// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "server/media/walk/walked_picture.h"

namespace pinhole::media {

// PNG (third edition, W3C 2025).  The new file has
//   IHDR, PLTE (of a palette picture), tRNS, IDATs, IEND.
// The profile comes from iCCP, the colour from cICP, the orientation from eXIf
// before or after the pixels.  The checksums of critical chunks must be
// correct; other chunks whose checksum is wrong are ignored, as libpng does.
//
// Unless the file is truncated, completeness of the pixels is left to the
// decoder: inflating them here would cost as much as decoding.  In a file that
// ends early they are inflated, and must be complete.
// An APNG of one frame is the still picture that every decoder shows.
absl::StatusOr<WalkedPicture> WalkPng(std::string_view file);

}  // namespace pinhole::media
