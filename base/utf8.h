// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

namespace pinhole {

struct CodePoint {
  char32_t value = 0;
  int bytes = 0;  // Length in UTF-8; 0 if invalid.
};

// Decodes the first code point of `text`, which must not be empty.  Overlong
// forms, surrogates and values above U+10FFFF are invalid (RFC 3629).
CodePoint FirstCodePoint(std::string_view text);

// Whether all of `text` is valid UTF-8.
bool IsUtf8(std::string_view text);

// Escapes characters that can control a terminal or change the direction of
// text ("\n", "\x1b", "\u202e"), and bytes that are not valid UTF-8 ("\xff").
std::string Escape(std::string_view text);

}  // namespace pinhole
