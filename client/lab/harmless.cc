// SPDX-License-Identifier: Apache-2.0

#include "client/lab/harmless.h"

#include <algorithm>
#include <cstddef>

namespace pinhole::lab {
namespace {

// How many bytes the UTF-8 character at `at` has, and its number; 0 bytes if
// there is none.
struct Character {
  std::size_t bytes = 0;
  char32_t number = 0;
};

Character CharacterAt(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return {1, lead};
  const std::size_t bytes = lead >= 0xf0   ? 4
                            : lead >= 0xe0 ? 3
                            : lead >= 0xc2 ? 2
                                           : 0;
  if (bytes == 0 || lead > 0xf4 || at + bytes > text.size()) return {};
  char32_t number = lead & (0x7f >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return {};
    number = number << 6 | (byte(at + i) & 0x3f);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = number >= 0xd800 && number < 0xe000;
  if (number < kLeast[bytes] || number > 0x10ffff || surrogate) return {};
  return {bytes, number};
}

bool IsHarmful(char32_t number) {
  return number < 0x20 || (number >= 0x7f && number < 0xa0) ||
         (number >= 0x200e && number <= 0x200f) ||
         (number >= 0x2028 && number <= 0x202e) ||
         (number >= 0x2066 && number <= 0x2069) || number == 0xfeff ||
         // Never characters, and not allowed in XML.
         number == 0xfffe || number == 0xffff;
}

}  // namespace

std::string Harmless(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const Character character = CharacterAt(text, i);
    if (character.bytes == 0 || IsHarmful(character.number)) {
      result += '?';
    } else {
      result += text.substr(i, character.bytes);
    }
    i += std::max<std::size_t>(character.bytes, 1);
  }
  return result;
}

}  // namespace pinhole::lab
