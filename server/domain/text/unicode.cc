// SPDX-License-Identifier: Apache-2.0

#include "server/domain/text/unicode.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace pinhole::domain {
namespace {

// Blank according to their names or annotations in the code charts, although
// their categories are those of letters, marks and symbols.
constexpr std::array<char32_t, 6> kBlankGlyphs = {
    0x2800,   // BRAILLE PATTERN BLANK
    0xFFFC,   // OBJECT REPLACEMENT CHARACTER: stands for an embedded object.
    0x13441,  // EGYPTIAN HIEROGLYPH FULL BLANK
    0x13442,  // EGYPTIAN HIEROGLYPH HALF BLANK
    0x16FE4,  // KHITAN SMALL SCRIPT FILLER
    0x1D159,  // MUSICAL SYMBOL NULL NOTEHEAD
};

bool Has(char32_t code, UProperty property) {
  return u_hasBinaryProperty(static_cast<UChar32>(code), property);
}

}  // namespace

std::optional<char32_t> TakeCodePoint(std::string_view& text) {
  // A code point takes at most four bytes, so the length fits.
  const auto length =
      static_cast<std::int32_t>(std::min<std::size_t>(text.size(), 4));
  std::int32_t taken = 0;
  UChar32 code = 0;
  U8_NEXT(text.data(), taken, length, code);
  if (code < 0) return std::nullopt;
  text.remove_prefix(taken);
  return static_cast<char32_t>(code);
}

bool IsBlank(char32_t code) {
  return Has(code, UCHAR_WHITE_SPACE) || code == 0x200B || code == 0x2060 ||
         code == 0xFEFF;
}

bool IsVisible(char32_t code) {
  const auto category = u_charType(static_cast<UChar32>(code));
  return !Has(code, UCHAR_WHITE_SPACE) &&
         !Has(code, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) &&
         category != U_CONTROL_CHAR && category != U_FORMAT_CHAR &&
         std::find(kBlankGlyphs.begin(), kBlankGlyphs.end(), code) ==
             kBlankGlyphs.end();
}

bool IsBidiControl(char32_t code) { return Has(code, UCHAR_BIDI_CONTROL); }

std::optional<std::string> OpaqueString(std::string_view text) {
  std::string spaced;
  while (!text.empty()) {
    const std::string_view before = text;
    const std::optional<char32_t> code = TakeCodePoint(text);
    if (!code) return std::nullopt;
    if (u_charType(static_cast<UChar32>(*code)) == U_SPACE_SEPARATOR) {
      spaced += ' ';
    } else {
      spaced += before.substr(0, before.size() - text.size());
    }
  }
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const nfc = icu::Normalizer2::getNFCInstance(error);
  if (U_FAILURE(error)) return std::nullopt;
  std::string composed;
  icu::StringByteSink<std::string> sink(&composed);
  nfc->normalizeUTF8(
      0,
      icu::StringPiece(spaced.data(), static_cast<std::int32_t>(spaced.size())),
      sink, nullptr, error);
  if (U_FAILURE(error)) return std::nullopt;
  return composed;
}

}  // namespace pinhole::domain
