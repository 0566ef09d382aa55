// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

namespace pinhole::media {

// Version of the code that makes renditions.  To correct the renditions of
// existing photos, correct the code and increment this number: the server
// rebuilds renditions of lower versions in the background.
//
//   0  pictures without a usable profile changed their colours
//   1  those are taken as sRGB; a PNG's eXIf orientation counts wherever it is
inline constexpr std::int32_t kRenditionVersion = 1;

}  // namespace pinhole::media
