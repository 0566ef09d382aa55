// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

namespace pinhole::media {

// The orientation, 1 to 8, that an EXIF block states, with or without the
// "Exif\0\0" before its TIFF header; 1 if it states none or is damaged.  Reads
// the first directory once and follows no pointer in it.
int ExifOrientation(std::string_view exif);

}  // namespace pinhole::media
