// SPDX-License-Identifier: Apache-2.0

#include "server/domain/text.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/errors.h"
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
              StatusIs(kInvalid, HasSubstr("at most 2000 characters")));
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

TEST(TextTest, CommentNeedsMoreThanWhiteSpace) {
  EXPECT_THAT(NormalizeComment("text", ""), StatusIs(kInvalid));
  EXPECT_THAT(NormalizeComment("text", " \n\u200b\u00a0"), StatusIs(kInvalid));
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

}  // namespace
}  // namespace pinhole::domain
