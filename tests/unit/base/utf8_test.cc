// SPDX-License-Identifier: Apache-2.0

#include "base/utf8.h"

#include "gtest/gtest.h"

namespace pinhole {
namespace {

TEST(Utf8Test, TextsOfAllLengthsAreValid) {
  for (const char* text : {"", "plain", "\xc2\x80", "\xe2\x82\xac",
                           "\xf0\x9f\x93\xb7 photo", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
}

TEST(Utf8Test, BytesThatRfc3629ForbidsAreInvalid) {
  for (const char* text : {
           "\x80",              // Continuation without a beginning.
           "ends \xe2\x82",     // Truncated.
           "\xc0\xaf",          // Overlong.
           "\xe0\x80\xaf",      // Overlong.
           "\xed\xa0\x80",      // Surrogate.
           "\xf4\x90\x80\x80",  // Above U+10FFFF.
           "\xff",
       }) {
    EXPECT_FALSE(IsUtf8(text)) << Escape(text);
  }
}

}  // namespace
}  // namespace pinhole
