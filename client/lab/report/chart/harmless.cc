// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/chart/harmless.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "base/utf8.h"

namespace pinhole::lab {
namespace {

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
  for (std::string_view rest = text; !rest.empty();) {
    const CodePoint point = FirstCodePoint(rest);
    const auto bytes = static_cast<std::size_t>(std::max(point.bytes, 1));
    if (point.bytes == 0 || IsHarmful(point.value)) {
      result += '?';
    } else {
      result += rest.substr(0, bytes);
    }
    rest.remove_prefix(bytes);
  }
  return result;
}

}  // namespace pinhole::lab
