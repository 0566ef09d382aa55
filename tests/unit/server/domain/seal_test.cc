// SPDX-License-Identifier: Apache-2.0

#include "server/domain/text/token_signer.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/unit/server/domain/world.h"

namespace pinhole::domain {
namespace {

class SealTest : public ::testing::Test {
 protected:
  testing::World world_;
  const TokenSigner& signer_ = world_.signer;
};

TEST_F(SealTest, VerifiesWhatItSigned) {
  EXPECT_EQ(signer_.Verify("list", signer_.Sign("list", "42")), "42");
  EXPECT_EQ(signer_.Verify("list", signer_.Sign("list", "")), "");
}

TEST_F(SealTest, RefusesAnotherContext) {
  EXPECT_EQ(signer_.Verify("other", signer_.Sign("list", "42")), std::nullopt);
}

TEST_F(SealTest, RefusesEveryChangedCharacter) {
  const std::string token = signer_.Sign("list", "42");
  // 19 bytes in base64 leave 4 bits of the last character unused.
  for (std::size_t i = 0; i + 1 < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';

    EXPECT_EQ(signer_.Verify("list", forged), std::nullopt) << i;
  }
}

TEST_F(SealTest, RefusesMalformedTokens) {
  for (const char* token :
       {"", "A", "!!!!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_EQ(signer_.Verify("list", token), std::nullopt) << token;
  }
}

TEST_F(SealTest, RefusesTokensOfAnotherStore) {
  testing::World other;

  EXPECT_EQ(signer_.Verify("list", other.signer.Sign("list", "42")),
            std::nullopt);
}

}  // namespace
}  // namespace pinhole::domain
