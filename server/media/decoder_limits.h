// SPDX-License-Identifier: Apache-2.0

// Resource limits for decoding one picture.

#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace pinhole::media {

// Address space of a decoder beyond that of its libraries, in bytes.  Twice the
// maximum for an accepted picture of kMaxPhotoPixels, its file included: HEIC
// of 10 bits takes 9 bytes a pixel during colour conversion; a progressive JPEG
// of four colours, 8; an interlaced PNG of 16 bits with transparency, 8.
inline constexpr std::uint64_t kDecoderMemoryBytes = std::uint64_t{768} << 20;

// The slowest picture of 64 megapixels, an HEIC, takes 3 s.
inline constexpr int kDecoderCpuSeconds = 10;

// Several times the CPU time, for busy machines.
inline constexpr absl::Duration kDecoderTime = absl::Seconds(30);

// Limits how long a leak of a library or the effects of a picture persist.
inline constexpr int kPicturesPerDecoder = 200;

}  // namespace pinhole::media
