// SPDX-License-Identifier: Apache-2.0

// Unicode properties of characters, for the rules of text.h and for passwords.
// The only files that include ICU.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pinhole::domain {

// Removes the first code point of `text`, which must not be empty, and returns
// it.  Nullopt if it is not well-formed UTF-8; `text` is unspecified then.
std::optional<char32_t> TakeCodePoint(std::string_view& text);

// Whether `code` is removed from the ends of a text: white space of any kind,
// U+200B, U+2060 and U+FEFF.  Other invisible characters can belong to their
// neighbour: an emoji ends with a variation selector or a tag, and a line of
// Arabic or Hebrew with a direction mark.
bool IsBlank(char32_t code);

// Whether `code` makes a text visible.  These characters do not:
//   - White_Space and Default_Ignorable_Code_Point of the Unicode Character
//     Database (PropList.txt, DerivedCoreProperties.txt): spaces, soft hyphens,
//     joiners, direction controls, variation selectors, Hangul fillers, tags;
//   - control and format characters (general categories Cc and Cf);
//   - a few with a blank glyph and no property that says so (see unicode.cc).
bool IsVisible(char32_t code);

// The property Bidi_Control (Unicode Standard Annex #9): U+061C, U+200E,
// U+200F, U+202A to U+202E, U+2066 to U+2069.
bool IsBidiControl(char32_t code);

// The form in which passwords are compared, by the OpaqueString profile of RFC
// 8265 (section 4.2.2): spaces of any kind (general category Zs) become U+0020,
// then Normalization Form C.  Nullopt if `text` is not well-formed UTF-8.  The
// time can grow with the square of the length, so limit the length first.
std::optional<std::string> OpaqueString(std::string_view text);

}  // namespace pinhole::domain
