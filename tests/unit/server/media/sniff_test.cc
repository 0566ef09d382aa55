// SPDX-License-Identifier: Apache-2.0

#include <string>

#include "gtest/gtest.h"
#include "server/media/picture_refusal.h"

namespace pinhole::media {
namespace {

std::string Brand(const std::string& brand) {
  return std::string("\0\0\0\x18", 4) + "ftyp" + brand + "0000mif1";
}

TEST(SniffTest, AcceptedTypesAreKnownByTheirFirstBytes) {
  EXPECT_EQ(SniffContentType("\xff\xd8\xff\xe0"), "image/jpeg");
  EXPECT_EQ(SniffContentType("\x89PNG\r\n\x1a\n...."), "image/png");
  EXPECT_EQ(SniffContentType("RIFF....WEBPVP8 "), "image/webp");
  EXPECT_EQ(SniffContentType(Brand("heic")), "image/heic");
  EXPECT_EQ(SniffContentType(Brand("mif1")), "image/heic");
}

TEST(SniffTest, OtherTypesAreNotAccepted) {
  EXPECT_EQ(SniffContentType(""), "");
  EXPECT_EQ(SniffContentType("\xff"), "");
  EXPECT_EQ(SniffContentType("GIF89a.........."), "");
  EXPECT_EQ(SniffContentType("RIFF....WAVEfmt "), "");
  EXPECT_EQ(SniffContentType("<svg xmlns='http://www.w3.org/2000/svg'>"), "");
  EXPECT_EQ(SniffContentType(Brand("avif")), "");
  EXPECT_EQ(SniffContentType(Brand("mp42")), "");
}

}  // namespace
}  // namespace pinhole::media
