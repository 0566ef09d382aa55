// SPDX-License-Identifier: Apache-2.0

#include "base/utf8.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "fmt/format.h"

namespace pinhole {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Control characters, line and paragraph separators, and invisible or
// bidirectional formatting characters.
constexpr Range kUnsafe[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},     {0x061c, 0x061c},
    {0x200b, 0x200b}, {0x200e, 0x200f}, {0x2028, 0x202e},
    {0x2060, 0x2069}, {0xfeff, 0xfeff}, {0xe0000, 0xe007f}};

bool IsUnsafe(char32_t value) {
  return std::any_of(std::begin(kUnsafe), std::end(kUnsafe), [value](Range r) {
    return value >= r.first && value <= r.last;
  });
}

std::string EscapeSequence(char32_t value) {
  switch (value) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return value < 0x100
                 ? fmt::format("\\x{:02x}", static_cast<unsigned>(value))
                 : fmt::format("\\u{:04x}", static_cast<unsigned>(value));
  }
}

}  // namespace

CodePoint FirstCodePoint(std::string_view text) {
  const auto byte = [&text](std::size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned lead = byte(0);
  const int bytes = lead < 0x80   ? 1
                    : lead < 0xc2 ? 0
                    : lead < 0xe0 ? 2
                    : lead < 0xf0 ? 3
                    : lead < 0xf5 ? 4
                                  : 0;
  if (bytes == 0 || static_cast<int>(text.size()) < bytes) return {};
  if (bytes == 1) return {lead, 1};
  char32_t value = lead & (0xffU >> (bytes + 1));
  for (int i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3f);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  if (value < kSmallest[bytes] || surrogate || value > 0x10ffff) return {};
  return {value, bytes};
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const int bytes = FirstCodePoint(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return true;
}

std::string Escape(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const CodePoint point = FirstCodePoint(text);
    const std::size_t bytes = std::max(point.bytes, 1);
    if (point.bytes == 0) {
      safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
    } else if (IsUnsafe(point.value)) {
      safe += EscapeSequence(point.value);
    } else {
      safe += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return safe;
}

}  // namespace pinhole
