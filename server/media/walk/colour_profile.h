// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <string_view>

namespace pinhole::media {

// Longer profiles are ignored.  Profiles of cameras and screens have less than
// 4 KB; the large ones are tables for printing in CMYK (SWOP, FOGRA39, GRACoL),
// 0.5 to 2.8 MB.
inline constexpr std::size_t kMaxProfileBytes = 4 * 1024 * 1024;

// Returns `profile` up to the size that it states, if its header (ICC.1:2022,
// 7.2) is that of a profile for pictures in grey, RGB or CMYK; otherwise an
// empty view, so that the picture is treated as one without a profile.
std::string_view PlausibleProfile(std::string_view profile);

// Whether `profile` is for pictures of this many bands of colour, not counting
// transparency: grey 1, RGB 3, CMYK 4.
bool ProfileFits(std::string_view profile, int colour_bands);

}  // namespace pinhole::media
