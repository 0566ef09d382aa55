// SPDX-License-Identifier: Apache-2.0

// What the server and a decoder process say to each other over a pair of
// connected stream sockets: a greeting when the decoder is ready, then a
// request and its answer in turns.  Both ends are of one build on one machine,
// so the messages are plain structures; the greeting makes sure of the build.
//
// The server does not trust what a decoder says: one that has been taken over
// by a picture may say anything.

#ifndef PINHOLE_SERVER_MEDIA_DECODER_PROTOCOL_H_
#define PINHOLE_SERVER_MEDIA_DECODER_PROTOCOL_H_

#include <array>
#include <cstdint>

#include "server/media/renditions.h"

namespace pinhole::media {

// The descriptor at which a decoder finds its socket.
inline constexpr int kDecoderSocket = 3;

// Sent by the decoder when it can take pictures and is confined.
struct DecoderGreeting {
  std::array<char, 32> version{};  // PINHOLE_VERSION, padded with zeros.
};

// Sent with one descriptor, of the file to read.
struct DecoderRequest {
  std::int64_t size_bytes = 0;
};

// Followed by the renditions, if there are any, in the order of kRenditions.
struct DecoderAnswer {
  enum class Outcome : std::int32_t { kMade, kRefused, kFailed };
  Outcome outcome = Outcome::kFailed;
  // Of a refused picture, padded with zeros.
  std::array<char, 32> reason{};
  std::array<char, 256> message{};
  // Of an accepted one.
  std::int32_t width = 0;  // Upright.
  std::int32_t height = 0;
  std::array<char, 32> content_type{};
  std::array<std::uint32_t, kRenditions.size()> sizes{};
};

// Exit codes by which a decoder says why it ended.
inline constexpr int kDecoderOutOfMemory = 12;
inline constexpr int kDecoderNotConfined = 13;

}  // namespace pinhole::media

#endif  // PINHOLE_SERVER_MEDIA_DECODER_PROTOCOL_H_
