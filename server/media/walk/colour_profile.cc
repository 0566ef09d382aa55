// SPDX-License-Identifier: Apache-2.0

#include "server/media/walk/colour_profile.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "server/media/walk/bytes.h"

namespace pinhole::media {
namespace {

constexpr std::size_t kHeaderBytes = 128;
// The header and the number of tags.
constexpr std::size_t kMinBytes = kHeaderBytes + 4;

// Input, display and output devices, and colour spaces.  The others (device
// links, named colours, abstract profiles) do not describe pictures.
constexpr std::array<std::string_view, 4> kClasses = {"scnr", "mntr", "prtr",
                                                      "spac"};

int ColourBands(std::string_view profile) {
  const std::string_view space = profile.substr(16, 4);
  if (space == "GRAY") return 1;
  if (space == "RGB ") return 3;
  return space == "CMYK" ? 4 : 0;
}

}  // namespace

std::string_view PlausibleProfile(std::string_view profile) {
  const std::uint32_t size = ByteReader(profile).U32();
  if (size < kMinBytes || size > profile.size() || size > kMaxProfileBytes) {
    return {};
  }
  const std::string_view connection = profile.substr(20, 4);
  const bool plausible =
      profile.substr(36, 4) == "acsp" && ColourBands(profile) != 0 &&
      (connection == "XYZ " || connection == "Lab ") &&
      std::find(kClasses.begin(), kClasses.end(), profile.substr(12, 4)) !=
          kClasses.end();
  return plausible ? profile.substr(0, size) : std::string_view();
}

bool ProfileFits(std::string_view profile, int colour_bands) {
  return !PlausibleProfile(profile).empty() &&
         ColourBands(profile) == colour_bands;
}

}  // namespace pinhole::media
