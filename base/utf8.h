// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_UTF8_H_
#define PINHOLE_BASE_UTF8_H_

#include <string>
#include <string_view>

namespace pinhole {

struct CodePoint {
  char32_t value = 0;
  int bytes = 0;  // 0: not UTF-8.
};

// What `text`, which is not empty, begins with.  Overlong forms, surrogates and
// what is beyond Unicode are not UTF-8 (RFC 3629).
CodePoint FirstCodePoint(std::string_view text);

// `text` with everything that could steer a terminal or turn the direction of
// writing spelled out ("\n", "\x1b", "\u202e"), and bytes that are not UTF-8
// as "\xff".
std::string Escape(std::string_view text);

}  // namespace pinhole

#endif  // PINHOLE_BASE_UTF8_H_
