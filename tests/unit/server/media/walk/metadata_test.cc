// SPDX-License-Identifier: Apache-2.0

#include "server/media/walk/colour_profile.h"
#include "server/media/walk/exif_orientation.h"
#include "tests/unit/server/media/walk/walked.h"

namespace pinhole::media {
namespace {

using namespace std::literals::string_literals;

TEST(ExifOrientationTest, IsReadInBothByteOrdersAndWithOrWithoutAHeader) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool big : {false, true}) {
      EXPECT_EQ(ExifOrientation(Exif(orientation, big)), orientation);
      EXPECT_EQ(ExifOrientation("Exif\0\0"s + Exif(orientation, big)),
                orientation);
    }
  }
}

TEST(ExifOrientationTest, IsUprightIfInvalid) {
  EXPECT_EQ(ExifOrientation(Exif(0)), 1);
  EXPECT_EQ(ExifOrientation(Exif(9)), 1);
  EXPECT_EQ(ExifOrientation(Exif(65535)), 1);
  EXPECT_EQ(ExifOrientation(Replaced(Exif(6), "\3\0\1"s, "\4\0\1"s)), 1);
  EXPECT_EQ(ExifOrientation(Replaced(Exif(6), "\3\0\1"s, "\3\0\2"s)), 1);
  EXPECT_EQ(ExifOrientation(Replaced(Exif(6), "II", "IM")), 1);
  EXPECT_EQ(ExifOrientation(Replaced(Exif(6), "\x2a", "\x2b")), 1);
  EXPECT_EQ(ExifOrientation(Replaced(Exif(6), "\x8\0\0\0"s, "\xff\0\0\0"s)), 1);
}

TEST(ExifOrientationTest, IsUprightIfTheBlockIsTruncated) {
  const std::string exif = Exif(6);
  for (std::size_t size = 0; size < exif.size(); ++size) {
    const int orientation = ExifOrientation(exif.substr(0, size));
    // The value, and the four bytes of the next directory.
    EXPECT_EQ(orientation, size < exif.size() - 4 ? 1 : 6) << size;
  }
}

TEST(ExifOrientationTest, ADirectoryThatClaimsMoreEntriesThanThereAreEnds) {
  EXPECT_EQ(ExifOrientation(Replaced(Exif(6), "\1\0\x12\1"s, "\xff\xff\x12\1")),
            6);
  EXPECT_EQ(ExifOrientation("II*\0\x8\0\0\0\xff\xff"s + std::string(99, '\1')),
            1);
}

TEST(ColourProfileTest, IsUsedAsFarAsItStatesItsSize) {
  const std::string profile = Profile();
  EXPECT_EQ(PlausibleProfile(profile), profile);
  EXPECT_EQ(PlausibleProfile(profile + "more"), profile);
}

TEST(ColourProfileTest, IsIgnoredIfItsHeaderIsInvalid) {
  const std::string profile = Profile();
  EXPECT_EQ(PlausibleProfile(""), "");
  EXPECT_EQ(PlausibleProfile(profile.substr(0, 199)), "");
  EXPECT_EQ(PlausibleProfile(Profile("RGB ", 132).substr(0, 131)), "");
  EXPECT_EQ(PlausibleProfile(Replaced(profile, "acsp", "nope")), "");
  EXPECT_EQ(PlausibleProfile(Replaced(profile, "mntr", "link")), "");
  EXPECT_EQ(PlausibleProfile(Replaced(profile, "mntr", "nmcl")), "");
  EXPECT_EQ(PlausibleProfile(Replaced(profile, "RGB ", "Lab ")), "");
  EXPECT_EQ(PlausibleProfile(Replaced(profile, "XYZ ", "RGB ")), "");
}

TEST(ColourProfileTest, IsLimitedInSize) {
  EXPECT_NE(PlausibleProfile(Profile("CMYK", kMaxProfileBytes)), "");
  EXPECT_EQ(PlausibleProfile(Profile("CMYK", kMaxProfileBytes + 1)), "");
}

TEST(ColourProfileTest, FitsPicturesOfItsColourSpace) {
  EXPECT_TRUE(ProfileFits(Profile("GRAY"), 1));
  EXPECT_TRUE(ProfileFits(Profile("RGB "), 3));
  EXPECT_TRUE(ProfileFits(Profile("CMYK"), 4));
  EXPECT_FALSE(ProfileFits(Profile("RGB "), 1));
  EXPECT_FALSE(ProfileFits(Profile("GRAY"), 3));
  EXPECT_FALSE(ProfileFits(Profile("RGB "), 4));
  EXPECT_FALSE(ProfileFits("", 3));
  EXPECT_FALSE(ProfileFits("", 0));
  EXPECT_FALSE(ProfileFits(Profile("Lab "), 3));
}

}  // namespace
}  // namespace pinhole::media
