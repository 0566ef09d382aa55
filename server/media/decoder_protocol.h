// SPDX-License-Identifier: Apache-2.0

// The protocol between the server and a decoder process over a pair of
// connected stream sockets: a greeting when the decoder is ready, then requests
// and answers in turns.
//
// Both ends are of the same build on the same machine, so the messages are
// plain structures; the greeting confirms the build.  The server does not trust
// a decoder's messages: a malicious picture may have taken over the process.

#pragma once

#include <array>
#include <cstdint>

#include "server/media/renditions.h"

namespace pinhole::media {

// The descriptor of the decoder's socket.
inline constexpr int kDecoderSocket = 3;

// Sent by the decoder when it is sandboxed and ready.
struct DecoderGreeting {
  std::array<char, 32> version{};  // PINHOLE_VERSION, padded with zeros.
};

// Sent with one descriptor, that of the file to read.
struct DecoderRequest {
  std::int64_t size_bytes = 0;
};

// Followed by the renditions, if any, in the order of kRenditions.
struct DecoderAnswer {
  enum class Outcome : std::int32_t { kMade, kRefused, kFailed };
  Outcome outcome = Outcome::kFailed;
  // Why the picture is refused, padded with zeros.
  std::array<char, 32> reason{};
  std::array<char, 256> message{};
  // Size of an accepted picture after rotation, in pixels.
  std::int32_t width = 0;
  std::int32_t height = 0;
  std::array<char, 32> content_type{};
  std::array<std::uint32_t, kRenditions.size()> sizes{};
};

// Exit codes that tell why the decoder ended.
inline constexpr int kDecoderOutOfMemory = 12;
inline constexpr int kDecoderNotConfined = 13;

}  // namespace pinhole::media
