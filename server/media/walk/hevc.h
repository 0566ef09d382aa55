// SPDX-License-Identifier: Apache-2.0

// HEVC (ITU-T H.265) as used in HEIC: a configuration record with parameter
// sets (ISO/IEC 14496-15, 8.3.2), and pictures made of length-prefixed NAL
// units.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace pinhole::media {

struct HevcConfiguration {
  // The size that the decoder allocates, and the part of it that is shown.
  std::int64_t coded_width = 0;
  std::int64_t coded_height = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  unsigned chroma = 0;  // chroma_format_idc: 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4.
  unsigned luma_bits = 0;
  // In the source file; the new file has lengths of four bytes.
  unsigned length_bytes = 4;
  // The new record: only the VPS, SPS and PPS.
  std::string record;

  bool SameFormat(const HevcConfiguration& other) const {
    return width == other.width && height == other.height &&
           chroma == other.chroma && luma_bits == other.luma_bits;
  }
};

// Reads the body of an hvcC box.  There must be an SPS, and all must state the
// same size and format, within the limits on pictures, since a picture may
// refer to any of them.
absl::StatusOr<HevcConfiguration> ReadHevcConfiguration(std::string_view hvcc);

struct HevcPicture {
  std::string bytes;
  int slices = 0;
};

// Copies the slices of the one intra picture in `data`.  Drops SEI and
// everything else, including parameter sets between slices, which could state
// another size. Errors: DAMAGED_FILE, also if there is more than one picture.
absl::StatusOr<HevcPicture> CopyHevcPicture(std::string_view data,
                                            unsigned length_bytes);

}  // namespace pinhole::media
