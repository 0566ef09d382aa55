// SPDX-License-Identifier: Apache-2.0

// Reads and writes the numbers and byte strings of file formats.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pinhole::media {

// Reads forward through bytes that it does not own.  Reading past the end gives
// zeros or an empty view and clears ok() for good: check ok() before using
// anything that was read.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  // Reads a big-endian unsigned number of `bytes` <= 8 bytes.
  std::uint64_t Big(std::size_t bytes) {
    std::uint64_t number = 0;
    for (const char byte : Take(bytes)) {
      number = number << 8 | static_cast<unsigned char>(byte);
    }
    return number;
  }

  // Reads a little-endian unsigned number of `bytes` <= 8 bytes.
  std::uint64_t Little(std::size_t bytes) {
    const std::string_view taken = Take(bytes);
    std::uint64_t number = 0;
    for (std::size_t i = taken.size(); i > 0; --i) {
      number = number << 8 | static_cast<unsigned char>(taken[i - 1]);
    }
    return number;
  }

  std::uint8_t U8() { return static_cast<std::uint8_t>(Big(1)); }
  std::uint16_t U16() { return static_cast<std::uint16_t>(Big(2)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Big(4)); }

  std::string_view Take(std::uint64_t bytes) {
    if (bytes > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }

  bool Skip(std::uint64_t bytes) {
    Take(bytes);
    return ok_;
  }

  bool ok() const { return ok_; }
  std::size_t left() const { return rest_.size(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

inline void AppendBig(std::string& to, std::uint64_t number,
                      std::size_t bytes) {
  for (std::size_t i = bytes; i > 0; --i) {
    to += static_cast<char>(number >> (8 * (i - 1)) & 0xff);
  }
}

inline void AppendLittle(std::string& to, std::uint64_t number,
                         std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    to += static_cast<char>(number >> (8 * i) & 0xff);
  }
}

}  // namespace pinhole::media
