// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "server/media/walk/walked_picture.h"

namespace pinhole::media {

// JPEG (ITU-T T.81).  The new file has
//   SOI, APP0 and APP14 (rebuilt, with only Adobe's transform),
//   DQT, DHT, DAC, DRI, one SOF, SOS with its data and RSTs, EOI.
// The profile comes from APP2, the orientation from the first EXIF APP1 before
// the first scan.  Only codings that libjpeg reads: Huffman or arithmetic,
// sequential or progressive, 8 bits, 1, 3 or 4 components.
//
// The picture ends at its EOI or, since some cameras omit that, at the first
// segment that is neither a table nor another scan of it.  Only the decoder can
// tell whether pixels are missing.  Limits: 100 scans, and kMaxVisits of
// jpeg.cc.
absl::StatusOr<WalkedPicture> WalkJpeg(std::string_view file);

}  // namespace pinhole::media
