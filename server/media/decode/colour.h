// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "server/media/decode/image.h"
#include "server/media/walk/walked_picture.h"

namespace pinhole::media {

// Converts opaque `image`, decoded from `picture`, to 8-bit sRGB:
//   - by the file's ICC profile, if it fits the number of bands;
//   - else by its code points (nclx, cICP), if they name other colours;
//   - else not at all: untagged pictures are taken as sRGB.
// HDR (the transfers PQ and HLG) is mapped to the range of sRGB by the tone
// curve that colour.cc documents.  False if libvips fails.
bool ConvertToSrgb(Image& image, const WalkedPicture& picture);

}  // namespace pinhole::media
