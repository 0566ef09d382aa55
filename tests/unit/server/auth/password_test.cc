// SPDX-License-Identifier: Apache-2.0

#include "server/auth/password.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::auth {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(PasswordTest, HashIsArgon2idWithTheStatedCost) {
  const std::string phc = HashPassword("correct horse").value();

  EXPECT_THAT(phc, StartsWith("$argon2id$"));
  EXPECT_THAT(phc, HasSubstr("$m=19456,t=2,p=1$"));
}

TEST(PasswordTest, OnlyTheSamePasswordVerifies) {
  const std::string phc = HashPassword("correct horse").value();

  EXPECT_TRUE(VerifyPassword("correct horse", phc));
  EXPECT_FALSE(VerifyPassword("correct hors", phc));
  EXPECT_FALSE(VerifyPassword("correct horse ", phc));
  EXPECT_FALSE(VerifyPassword("", phc));
}

TEST(PasswordTest, BytesAfterAZeroCount) {
  const std::string password("zero\0inside", 11);
  const std::string phc = HashPassword(password).value();

  EXPECT_TRUE(VerifyPassword(password, phc));
  EXPECT_FALSE(VerifyPassword("zero", phc));
}

TEST(PasswordTest, EqualPasswordsHaveDifferentHashes) {
  EXPECT_NE(HashPassword("same").value(), HashPassword("same").value());
}

TEST(PasswordTest, MalformedHashesVerifyNothing) {
  EXPECT_FALSE(VerifyPassword("password", ""));
  EXPECT_FALSE(VerifyPassword("password", "password"));
  EXPECT_FALSE(VerifyPassword("password", "$argon2id$v=19$m=19456,t=2,p=1$"));
}

TEST(PasswordTest, UnknownUserHashCostsTheSameAndNeverVerifies) {
  EXPECT_THAT(UnknownUserHash(), HasSubstr("$m=19456,t=2,p=1$"));
  EXPECT_EQ(UnknownUserHash(), UnknownUserHash());
  EXPECT_FALSE(VerifyPassword("", UnknownUserHash()));
  EXPECT_FALSE(VerifyPassword("password", UnknownUserHash()));
}

}  // namespace
}  // namespace pinhole::auth
