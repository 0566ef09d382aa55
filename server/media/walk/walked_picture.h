// SPDX-License-Identifier: Apache-2.0

// The sanitized picture that is passed to a decoder.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace pinhole::media {

enum class PictureType : std::uint8_t {
  kJpeg = 1,
  kPng = 2,
  kWebp = 3,
  kHeic = 4,
};

// Colour as code points of ITU-T H.273 (HEIC nclx, PNG cICP).
struct ColourCode {
  int primaries = 0;
  int transfer = 0;
  int matrix = 0;
  bool full_range = true;

  bool operator==(const ColourCode&) const = default;
};

struct WalkedPicture {
  PictureType type = PictureType::kJpeg;
  // In pixels, within the limits of model/limits.h.  As stored, before
  // `orientation` is applied.  For HEIC, the size that decoders return, after
  // the crops, rotations and mirrorings that the file asks for.
  std::int32_t width = 0;
  std::int32_t height = 0;
  // EXIF orientation, 1 to 8, that remains to be applied to the decoded pixels.
  // Always 1 for HEIC, whose decoder applies the rotations.
  int orientation = 1;
  // A plausible ICC profile (PlausibleProfile of colour_profile.h); empty if
  // the file has none.  Call ProfileFits once the decoded bands are known.
  std::string profile;
  // Only if there is no profile.
  std::optional<ColourCode> colour;
  // The new file: only what a decoder needs for the picture.  Walking it again
  // gives the same bytes.
  std::string bytes;
};

}  // namespace pinhole::media
