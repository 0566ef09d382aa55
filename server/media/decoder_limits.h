// SPDX-License-Identifier: Apache-2.0

// What one picture may cost.

#ifndef PINHOLE_SERVER_MEDIA_DECODER_LIMITS_H_
#define PINHOLE_SERVER_MEDIA_DECODER_LIMITS_H_

#include <cstdint>

#include "absl/time/time.h"

namespace pinhole::media {

// Address space of a decoder beyond what its libraries take.  The most that an
// accepted picture of kMaxPhotoPixels needs: HEIC of 10 bits, 9 bytes a pixel
// while its colours are converted; a progressive JPEG of four colours, 8; an
// interlaced PNG of 16 bits with transparency, 8; with the file, twice.
inline constexpr std::uint64_t kDecoderMemoryBytes = std::uint64_t{768} << 20;

// The picture of 64 megapixels that takes longest, an HEIC, takes 3 s.
inline constexpr int kDecoderCpuSeconds = 10;

// Several times that, for machines with other things to do.
inline constexpr absl::Duration kDecoderTime = absl::Seconds(30);

// So that what a library or a picture left behind does not stay for long.
inline constexpr int kPicturesPerDecoder = 200;

}  // namespace pinhole::media

#endif  // PINHOLE_SERVER_MEDIA_DECODER_LIMITS_H_
