// SPDX-License-Identifier: Apache-2.0

#include "base/sha256.h"

#include "gtest/gtest.h"

namespace pinhole {
namespace {

TEST(Sha256Test, IsWhatSha256sumPrints) {
  Sha256 hash;
  hash.Add("abc");

  EXPECT_EQ(ToHex(hash.Value()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256Test, DoesNotDependOnThePieces) {
  Sha256 whole;
  whole.Add("abc");
  Sha256 pieces;
  pieces.Add("a");
  pieces.Add("");
  pieces.Add("bc");

  EXPECT_EQ(pieces.Value(), whole.Value());
}

TEST(Sha256Test, ValueIsOfTheBytesSoFar) {
  Sha256 hash;
  hash.Add("a");
  const Digest first = hash.Value();
  hash.Add("bc");
  Sha256 whole;
  whole.Add("abc");

  EXPECT_NE(hash.Value(), first);
  EXPECT_EQ(hash.Value(), whole.Value());
}

TEST(Sha256Test, HexCanBeShortened) {
  Digest digest = {};
  digest[0] = '\xab';

  EXPECT_EQ(ToHex(digest, 4), "ab00");
  EXPECT_EQ(ToHex(digest).size(), 64U);
}

}  // namespace
}  // namespace pinhole
