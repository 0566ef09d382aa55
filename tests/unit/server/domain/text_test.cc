// SPDX-License-Identifier: Apache-2.0

#include "server/domain/text/text.h"

#include <string>
#include <vector>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace pinhole::domain {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::string Times(int n, const std::string& text) {
  std::string all;
  for (int i = 0; i < n; ++i) all += text;
  return all;
}

TEST(TextTest, CharactersAreCodePointsNotBytes) {
  EXPECT_THAT(NormalizeCaption("caption", Times(2000, "\u00e9")), IsOk());
  EXPECT_THAT(NormalizeCaption("caption", Times(2000, "\U0001F4F7")), IsOk());
  EXPECT_THAT(NormalizeCaption("caption", Times(2001, "\u00e9")),
              StatusIs(kInvalid, HasSubstr("at most 2000 are allowed")));
}

TEST(TextTest, EachFreeTextHasItsOwnLimit) {
  EXPECT_THAT(NormalizeAltText("f", Times(1000, "x")), IsOk());
  EXPECT_THAT(NormalizeAltText("f", Times(1001, "x")), StatusIs(kInvalid));
  EXPECT_THAT(NormalizeBio("f", Times(500, "x")), IsOk());
  EXPECT_THAT(NormalizeBio("f", Times(501, "x")), StatusIs(kInvalid));
  EXPECT_THAT(NormalizeDisplayName("f", Times(50, "x")), IsOk());
  EXPECT_THAT(NormalizeDisplayName("f", Times(51, "x")), StatusIs(kInvalid));
  EXPECT_THAT(NormalizeComment("f", Times(1000, "x")), IsOk());
  EXPECT_THAT(NormalizeComment("f", Times(1001, "x")), StatusIs(kInvalid));
}

TEST(TextTest, ErrorNamesTheField) {
  const auto result = NormalizeCaption("photo.caption", Times(2001, "x"));

  EXPECT_EQ(FieldOf(result.status()), "photo.caption");
}

TEST(TextTest, WhiteSpaceAtTheEndsGoesBeforeCounting) {
  EXPECT_EQ(*NormalizeCaption("f", " \n\u3000Half Dome \t"), "Half Dome");
  EXPECT_EQ(*NormalizeCaption("f", " \n "), "");
  EXPECT_THAT(NormalizeBio("f", Times(600, " ") + Times(500, "x")), IsOk());
}

TEST(TextTest, LineEndsBecomeLineFeeds) {
  EXPECT_EQ(*NormalizeCaption("f", "a\r\nb\rc\n\nd"), "a\nb\nc\n\nd");
}

TEST(TextTest, InvalidUtf8IsRefused) {
  for (const std::string bad :
       {"\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\xf0\x80\x80\x80", "\xc3", "\x80", "ab\xe2\x82"}) {
    EXPECT_THAT(NormalizeCaption("f", bad),
                StatusIs(kInvalid, HasSubstr("UTF-8")));
  }
}

TEST(TextTest, ControlCharactersAreRefused) {
  using namespace std::string_literals;
  for (const std::string& bad : {"a\0b"s, "a\x1b[31m"s, "\x7f"s, "\u0085"s}) {
    EXPECT_THAT(NormalizeComment("f", bad),
                StatusIs(kInvalid, HasSubstr("control")));
  }
}

TEST(TextTest, DisplayNameHasNoLineBreaks) {
  EXPECT_THAT(NormalizeDisplayName("f", "Ansel\nAdams"), StatusIs(kInvalid));
  EXPECT_THAT(NormalizeDisplayName("f", "Ansel\u2028Adams"),
              StatusIs(kInvalid));
  EXPECT_EQ(*NormalizeDisplayName("f", "Ansel Adams\n"), "Ansel Adams");
}

// Every kind of invisible character, and those that are blank by name.
const std::vector<std::string>& Invisible() {
  static const auto& texts = *new std::vector<std::string>{
      " ",          "\t",         "\n",
      "\u00a0",     "\u1680",     "\u2003",
      "\u2028",     "\u2029",     "\u202f",
      "\u205f",     "\u3000",  // White space.
      "\u00ad",     "\u034f",     "\u061c",
      "\u180e",     "\u200b",  // Ignorable.
      "\u200d",     "\u200e",     "\u202e",
      "\u2060",     "\u2064",     "\u2065",
      "\u2066",     "\u206f",     "\ufeff",
      "\U0001bca0", "\U0001d173", "\u115f",
      "\u1160",     "\u3164",     "\uffa0",  // Hangul fillers.
      "\u17b4",     "\u180b",     "\ufe00",
      "\ufe0f",     "\U000e0100",  // Selectors.
      "\U000e0001", "\U000e0020", "\U000e007f",
      "\U000e0fff",                // Tags.
      "\ufff9",     "\U00013430",  // Format.
      "\u2800",     "\ufffc",     "\U00013441",
      "\U00016fe4", "\U0001d159", "\u2800\u3164 \u200d\ufe0f\u00ad"};
  return texts;
}

TEST(TextTest, InvisibleCommentOrNameIsRefused) {
  for (const std::string& text : Invisible()) {
    EXPECT_THAT(NormalizeComment("text", text),
                StatusIs(kInvalid, HasSubstr("visible")))
        << ::testing::PrintToString(text);
    EXPECT_THAT(NormalizeDisplayName("display_name", text), StatusIs(kInvalid))
        << ::testing::PrintToString(text);
  }
  EXPECT_THAT(NormalizeComment("text", ""), StatusIs(kInvalid));
  EXPECT_EQ(*NormalizeDisplayName("display_name", ""), "");
}

TEST(TextTest, InvisibleOptionalTextBecomesEmpty) {
  for (const std::string& text : Invisible()) {
    EXPECT_EQ(*NormalizeCaption("f", text), "")
        << ::testing::PrintToString(text);
    EXPECT_EQ(*NormalizeAltText("f", text), "");
    EXPECT_EQ(*NormalizeBio("f", text), "");
  }
}

TEST(TextTest, InvisibleCharactersNextToVisibleOnesStay) {
  for (const std::string text :
       {"\u2764\ufe0f", "\U0001f469\u200d\U0001f4bb",
        "\u0645\u06cc\u200c\u062e", "\u05e9\u05dc\u05d5\u05dd!\u200f",
        "co\u00adop", "a\u2800b", "\U0001f3f4\U000e0067\U000e0062\U000e007f",
        "\u3164a"}) {
    EXPECT_EQ(*NormalizeComment("f", text), text);
    EXPECT_EQ(*NormalizeCaption("f", text), text);
  }
  EXPECT_EQ(*NormalizeDisplayName("f", "Ansel \u2764\ufe0f"),
            "Ansel \u2764\ufe0f");
}

TEST(TextTest, NameHasNoBidirectionalControls) {
  for (const std::string control :
       {"\u061c", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d",
        "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"}) {
    EXPECT_THAT(NormalizeDisplayName("f", "Ansel" + control + "Adams"),
                StatusIs(kInvalid, HasSubstr("direction")));
    EXPECT_THAT(NormalizeDisplayName("f", "Ansel" + control),
                StatusIs(kInvalid));
    EXPECT_THAT(NormalizeComment("f", "Half" + control + "Dome"), IsOk());
  }
  EXPECT_EQ(*NormalizeDisplayName("f", "\u05e9\u05dc\u05d5\u05dd"),
            "\u05e9\u05dc\u05d5\u05dd");
}

TEST(TextTest, HandleIsFoldedToLowerCase) {
  EXPECT_EQ(*NormalizeHandle("handle", "Ansel_A.2"), "ansel_a.2");
}

TEST(TextTest, HandleOfWrongFormIsRefused) {
  for (const std::string& bad :
       {std::string("ab"), std::string(31, 'a'), std::string("_ab"),
        std::string(".ab"), std::string("a b"), std::string("a-b"),
        std::string("\u00e4bc"), std::string()}) {
    EXPECT_THAT(NormalizeHandle("handle", bad), StatusIs(kInvalid)) << bad;
  }
  EXPECT_THAT(NormalizeHandle("handle", "abc"), IsOk());
  EXPECT_THAT(NormalizeHandle("handle", std::string(30, '9')), IsOk());
}

TEST(TextTest, HandlePrefixIsOneToThirtyCharacters) {
  EXPECT_EQ(*NormalizeHandlePrefix("query", "AN"), "an");
  EXPECT_THAT(NormalizeHandlePrefix("query", ""), StatusIs(kInvalid));
  EXPECT_THAT(NormalizeHandlePrefix("query", std::string(31, 'a')),
              StatusIs(kInvalid));
}

TEST(TextTest, NewPasswordIsCountedInBytesAndNeverEchoed) {
  EXPECT_THAT(CheckNewPassword("password", "12345678"), IsOk());
  EXPECT_THAT(CheckNewPassword("password", std::string(128, 'x')), IsOk());
  EXPECT_THAT(CheckNewPassword("password", std::string(129, 'x')),
              StatusIs(kInvalid));
  const absl::Status status = CheckNewPassword("password", "hunter2");
  EXPECT_THAT(status, StatusIs(kInvalid));
  EXPECT_THAT(status.ToString(), ::testing::Not(HasSubstr("hunter2")));
}

TEST(TextTest, PasswordIsNormalizedAsAnOpaqueString) {
  EXPECT_EQ(NormalizePassword("Pa\u0308sswo\u0308rter"),
            "P\u00e4ssw\u00f6rter");
  // Hangul letters become syllables, and marks get into their order.
  EXPECT_EQ(NormalizePassword("\u1112\u1161\u11ab"), "\ud55c");
  EXPECT_EQ(NormalizePassword("q\u0307\u0323"), "q\u0323\u0307");
  EXPECT_EQ(NormalizePassword("\u212b"), "\u00c5");
  // All spaces are equal; characters that are only compatible stay distinct.
  EXPECT_EQ(NormalizePassword("a\u00a0b\u3000c\u2009d e"), "a b c d e");
  EXPECT_EQ(NormalizePassword("\ufb01\uff21"), "\ufb01\uff21");
  EXPECT_EQ(NormalizePassword("Case MATTERS \t"), "Case MATTERS \t");
  EXPECT_EQ(NormalizePassword(""), "");
}

TEST(TextTest, TextThatCannotBeAPasswordIsNotNormalized) {
  EXPECT_EQ(NormalizePassword("a\u0308\xff"), "a\u0308\xff");
  // Sorting a megabyte of marks would take minutes.
  const std::string marks = Times(250'000, "\u0307\u0323");
  EXPECT_EQ(NormalizePassword(marks), marks);
  EXPECT_THAT(CheckNewPassword("password", marks), StatusIs(kInvalid));
}

TEST(TextTest, NewPasswordIsCountedAsItIsHashed) {
  // Eight bytes as typed, seven to be hashed.
  EXPECT_THAT(CheckNewPassword("f", "xxxxxa\u0308"), StatusIs(kInvalid));
  EXPECT_THAT(CheckNewPassword("f", "xxxxxxa\u0308"), IsOk());
  EXPECT_THAT(CheckNewPassword("f", Times(64, "a\u0308")), IsOk());
  EXPECT_THAT(CheckNewPassword("f", Times(65, "a\u0308")), StatusIs(kInvalid));
  EXPECT_THAT(CheckNewPassword("f", Times(42, "\u1112\u1161\u11ab")), IsOk());
  EXPECT_THAT(CheckNewPassword("f", Times(128, "\u3000")), IsOk());
  // One byte that is not composed with anything becomes six.
  EXPECT_THAT(CheckNewPassword("f", Times(22, "\u0958")), StatusIs(kInvalid));
}

}  // namespace
}  // namespace pinhole::domain
