// SPDX-License-Identifier: Apache-2.0

#include "server/auth/token.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::auth {
namespace {

using ::testing::MatchesRegex;
using ::testing::SizeIs;

constexpr char kTokenForm[] = "[A-Za-z0-9_-]{43}";

std::string Hex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

TEST(TokenTest, NewTokenIs32BytesInUrlSafeBase64) {
  EXPECT_THAT(NewToken(), MatchesRegex(kTokenForm));
}

TEST(TokenTest, NewTokensAreAllDifferent) {
  std::set<std::string> tokens;
  for (int i = 0; i < 1000; ++i) tokens.insert(NewToken());

  EXPECT_THAT(tokens, SizeIs(1000));
}

TEST(TokenTest, RepeatableTokenIsTheSameForTheSameRequest) {
  const std::string token = RepeatableToken("secret", "ansel", "request");

  EXPECT_THAT(token, MatchesRegex(kTokenForm));
  EXPECT_EQ(token, RepeatableToken("secret", "ansel", "request"));
}

TEST(TokenTest, RepeatableTokenDependsOnEveryPart) {
  const std::string token = RepeatableToken("secret", "ansel", "request");

  EXPECT_NE(token, RepeatableToken("Secret", "ansel", "request"));
  EXPECT_NE(token, RepeatableToken("secret", "anse", "lrequest"));
  EXPECT_NE(token, RepeatableToken("secret", "dorothea", "request"));
  EXPECT_NE(token, RepeatableToken("secret", "ansel", "request2"));
}

TEST(TokenTest, StoredHashIsSha256) {
  EXPECT_EQ(Hex(HashToken("abc")),
            "ba7816bf8f01cfea414140de5dae2223"
            "b00361a396177a9cb410ff61f20015ad");
}

TEST(TokenTest, DigestIsSha256OverLengthsAndParts) {
  EXPECT_EQ(Digest({"ab"}), HashToken(std::string("\0\0\0\0\0\0\0\2ab", 10)));
}

TEST(TokenTest, DigestsOfDifferentListsDiffer) {
  const std::set<std::string> digests = {
      Digest({}),          Digest({""}),        Digest({"", ""}),
      Digest({"ab", "c"}), Digest({"a", "bc"}), Digest({"abc"}),
      Digest({"abc", ""}), Digest({"", "abc"}), Digest({"c", "ab"})};

  EXPECT_THAT(digests, SizeIs(9));
}

TEST(TokenTest, MacDependsOnSecretAndMessageAndHasTheAskedLength) {
  EXPECT_THAT(Mac("secret", "message", 16), SizeIs(16));
  EXPECT_THAT(Mac("secret", "message", 64), SizeIs(64));
  EXPECT_EQ(Mac("secret", "message", 32), Mac("secret", "message", 32));
  EXPECT_NE(Mac("secret", "message", 32), Mac("other", "message", 32));
  EXPECT_NE(Mac("secret", "message", 32), Mac("secret", "messagf", 32));
}

TEST(TokenTest, MacTakesSecretsOfAnyLength) {
  const std::string long_secret(1000, 'x');

  EXPECT_THAT(Mac("", "message", 32), SizeIs(32));
  EXPECT_NE(Mac(long_secret, "message", 32),
            Mac(long_secret + "y", "message", 32));
}

TEST(TokenTest, ComparisonIsByLengthAndContent) {
  EXPECT_TRUE(EqualInConstantTime("", ""));
  EXPECT_TRUE(EqualInConstantTime("abc", "abc"));
  EXPECT_FALSE(EqualInConstantTime("abc", "abd"));
  EXPECT_FALSE(EqualInConstantTime("abc", "abcd"));
}

TEST(TokenTest, RandomBytesHaveTheAskedLengthAndDiffer) {
  EXPECT_THAT(RandomBytes(0), SizeIs(0));
  EXPECT_THAT(RandomBytes(32), SizeIs(32));
  EXPECT_NE(RandomBytes(32), RandomBytes(32));
}

}  // namespace
}  // namespace pinhole::auth
