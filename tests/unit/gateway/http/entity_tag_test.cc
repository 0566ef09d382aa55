// SPDX-License-Identifier: Apache-2.0

#include "gateway/http/entity_tag.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace pinhole::gateway {
namespace {

bool IfMatch(const std::vector<std::string>& values, std::string_view etag) {
  RequestHead head;
  for (const std::string& value : values) {
    head.headers.emplace_back("if-match", value);
  }
  return MeetsIfMatch(head, etag);
}

TEST(EntityTagTest, KnownTagsAreComparedWeakly) {
  EXPECT_TRUE(MatchesEtag("\"a\", W/\"b\"", "\"b\""));
  EXPECT_TRUE(MatchesEtag("*", "\"b\""));
  EXPECT_TRUE(MatchesEtag("W/\"a,b\" ,\"c\"", "W/\"c\""));
  EXPECT_TRUE(MatchesEtag("\"a,b\"", "\"a,b\""));
  EXPECT_FALSE(MatchesEtag("\"a\"", "\"b\""));
  EXPECT_FALSE(MatchesEtag("\"a,\"b\"", "\"b\""));
  EXPECT_FALSE(MatchesEtag("\"b", "\"b\""));
  EXPECT_FALSE(MatchesEtag("", "\"b\""));
  EXPECT_FALSE(MatchesEtag("\"a\"", ""));
}

TEST(EntityTagTest, WantedTagsAreComparedStrongly) {
  EXPECT_TRUE(IfMatch({}, "\"a\""));
  EXPECT_TRUE(IfMatch({}, ""));
  EXPECT_TRUE(IfMatch({"\"a\""}, "\"a\""));
  EXPECT_TRUE(IfMatch({"\"b\", \"a\""}, "\"a\""));
  EXPECT_TRUE(IfMatch({"\"b\"", "\"a\""}, "\"a\""));
  EXPECT_TRUE(IfMatch({"*"}, ""));
  EXPECT_FALSE(IfMatch({"\"b\""}, "\"a\""));
  EXPECT_FALSE(IfMatch({"W/\"a\""}, "\"a\""));
  EXPECT_FALSE(IfMatch({"W/\"a\""}, "W/\"a\""));
  EXPECT_FALSE(IfMatch({"\"a\""}, ""));
  EXPECT_FALSE(IfMatch({""}, ""));
}

TEST(EntityTagTest, ARangeGoesOnWithTheSameStrongTagOnly) {
  EXPECT_TRUE(MatchesIfRange("", "\"a\""));
  EXPECT_TRUE(MatchesIfRange("", ""));
  EXPECT_TRUE(MatchesIfRange("\"a\"", "\"a\""));
  EXPECT_FALSE(MatchesIfRange("\"a\"", "\"b\""));
  EXPECT_FALSE(MatchesIfRange("\"a\"", ""));
  EXPECT_FALSE(MatchesIfRange("W/\"a\"", "W/\"a\""));
  EXPECT_FALSE(MatchesIfRange("W/\"a\"", "\"a\""));
  EXPECT_FALSE(MatchesIfRange("Sat, 29 Oct 1994 19:43:31 GMT", "\"a\""));
}

}  // namespace
}  // namespace pinhole::gateway
