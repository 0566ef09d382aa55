// SPDX-License-Identifier: Apache-2.0

#include "server/auth/digest.h"

#include "gtest/gtest.h"

namespace pinhole::auth {
namespace {

TEST(FileDigestTest, IsWhatSha256sumPrints) {
  FileDigest digest;
  digest.Add("abc");

  EXPECT_EQ(digest.Finish(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(FileDigestTest, DoesNotDependOnThePieces) {
  FileDigest whole;
  whole.Add("abc");
  FileDigest pieces;
  pieces.Add("a");
  pieces.Add("");
  pieces.Add("bc");

  EXPECT_EQ(pieces.Finish(), whole.Finish());
}

}  // namespace
}  // namespace pinhole::auth
