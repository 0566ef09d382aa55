// SPDX-License-Identifier: Apache-2.0

// Accepted files and their renditions.

#include <algorithm>
#include <string>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/media/picture_refusal.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/media/picture_fixture.h"

namespace pinhole::media {
namespace {

using ::pinhole::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

struct Accepted {
  std::string file;
  std::string content_type;
  int width;
  int height;
};

class AcceptedPictureTest : public PictureTest,
                            public ::testing::WithParamInterface<Accepted> {
 protected:
  void ExpectRendition(std::string_view file, int limit) {
    const DecodedPicture pixels(folder() / file);
    const int longer = std::max(GetParam().width, GetParam().height);
    const double scale = std::min(1.0, static_cast<double>(limit) / longer);
    EXPECT_NEAR(pixels.width(), GetParam().width * scale, 1);
    EXPECT_NEAR(pixels.height(), GetParam().height * scale, 1);
    EXPECT_EQ(std::max(pixels.width(), pixels.height()),
              std::min(longer, limit));
  }
};

TEST_P(AcceptedPictureTest, GivesThreeRenditionsNeverEnlarged) {
  const auto info = Render(TestPicture(GetParam().file));

  ASSERT_THAT(info, IsOk());
  EXPECT_EQ(info->content_type, GetParam().content_type);
  EXPECT_EQ(info->width, GetParam().width);
  EXPECT_EQ(info->height, GetParam().height);
  EXPECT_EQ(info->size_bytes,
            std::filesystem::file_size(TestPicture(GetParam().file)));
  ExpectRendition(kThumbnailFile, 320);
  ExpectRendition(kMediumFile, 1080);
  ExpectRendition(kLargeFile, 2048);
}

TEST_P(AcceptedPictureTest, IsRefusedWhereverItIsTruncated) {
  const std::string whole = ReadAll(TestPicture(GetParam().file));

  for (int tenths = 1; tenths < 10; ++tenths) {
    const auto cut = RenderBytes(whole.substr(0, whole.size() * tenths / 10));
    EXPECT_EQ(ReasonOf(cut.status()), Reason::kDamagedFile)
        << tenths << " tenths";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Formats, AcceptedPictureTest,
    ::testing::Values(Accepted{"coffee.jpg", "image/jpeg", 600, 400},
                      Accepted{"retina.jpg", "image/jpeg", 1411, 1411},
                      Accepted{"rocket.jpg", "image/jpeg", 640, 427},
                      Accepted{"progressive.jpg", "image/jpeg", 600, 400},
                      Accepted{"cmyk.jpg", "image/jpeg", 600, 400},
                      Accepted{"grey.jpg", "image/jpeg", 600, 400},
                      Accepted{"astronaut.png", "image/png", 512, 512},
                      Accepted{"camera.png", "image/png", 512, 512},
                      Accepted{"deep.png", "image/png", 600, 400},
                      Accepted{"palette.png", "image/png", 600, 400},
                      Accepted{"interlaced.png", "image/png", 600, 400},
                      Accepted{"coffee.webp", "image/webp", 600, 400},
                      Accepted{"lossless.webp", "image/webp", 600, 400},
                      Accepted{"coffee.heic", "image/heic", 600, 400}),
    [](const auto& test) {
      std::string name = test.param.file;
      std::replace(name.begin(), name.end(), '.', '_');
      return name;
    });

// Compares a variant's colours with those of the original photograph.
class ColourTest : public PictureTest,
                   public ::testing::WithParamInterface<std::string> {};

TEST_P(ColourTest, MatchThePhotograph) {
  ASSERT_THAT(Render(TestPicture("coffee.png")), IsOk());
  std::filesystem::rename(folder() / kThumbnailFile, folder() / "expected");
  ASSERT_THAT(Render(TestPicture(GetParam())), IsOk());

  const DecodedPicture expected(folder() / "expected");
  const DecodedPicture actual(folder() / kThumbnailFile);
  for (int x = 20; x < 320; x += 40) {
    for (int band = 0; band < 3; ++band) {
      EXPECT_NEAR(actual.At(x, 100)[band], expected.At(x, 100)[band], 40)
          << "at " << x << " band " << band;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, ColourTest,
                         ::testing::Values("coffee.jpg", "progressive.jpg",
                                           "cmyk.jpg", "deep.png",
                                           "palette.png", "interlaced.png",
                                           "coffee.webp", "coffee.heic"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

class OrientationTest : public PictureTest,
                        public ::testing::WithParamInterface<std::string> {};

TEST_P(OrientationTest, RenditionsAreUpright) {
  const auto info = Render(TestPicture("orientation-" + GetParam()));

  ASSERT_THAT(info, IsOk());
  EXPECT_EQ(info->width, 120);
  EXPECT_EQ(info->height, 80);
  for (const auto file : {kThumbnailFile, kMediumFile, kLargeFile}) {
    const DecodedPicture pixels(folder() / file);
    EXPECT_EQ(pixels.width(), 120);
    EXPECT_EQ(pixels.height(), 80);
    EXPECT_EQ(pixels.QuarterAt(0.25, 0.25), "red");
    EXPECT_EQ(pixels.QuarterAt(0.75, 0.25), "green");
    EXPECT_EQ(pixels.QuarterAt(0.75, 0.75), "blue");
    EXPECT_EQ(pixels.QuarterAt(0.25, 0.75), "yellow");
  }
}

INSTANTIATE_TEST_SUITE_P(Tags, OrientationTest,
                         ::testing::Values("none.jpg", "0.jpg", "1.jpg",
                                           "2.jpg", "3.jpg", "4.jpg", "5.jpg",
                                           "6.jpg", "7.jpg", "8.jpg"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

// HEIC has its own rotation, which the decoder applies; the tag repeats it.
TEST_F(PictureTest, OrientationTagOfHeicIsNotAppliedOnTopOfItsOwn) {
  const auto info = Render(TestPicture("orientation-6.heic"));

  ASSERT_THAT(info, IsOk());
  EXPECT_EQ(info->width, 80);
  EXPECT_EQ(DecodedPicture(folder() / kLargeFile).width(), 80);
}

TEST_F(PictureTest, MetadataDoesNotReachTheRenditions) {
  const std::string original = ReadAll(TestPicture("gps.jpg"));
  for (const auto text : {"Exif", "Ansel", "Yosemite", "xmpmeta"}) {
    ASSERT_THAT(original, HasSubstr(text));
  }

  ASSERT_THAT(Render(TestPicture("gps.jpg")), IsOk());

  for (const auto file : {kThumbnailFile, kMediumFile, kLargeFile}) {
    const std::string bytes = ReadAll(folder() / file);
    for (const auto text : {"Exif", "Ansel", "Yosemite", "xmpmeta",
                            "<x:", "ICC_PROFILE", "Photoshop"}) {
      EXPECT_THAT(bytes, Not(HasSubstr(text))) << file;
    }
  }
}

TEST_F(PictureTest, DataAfterThePictureDoesNotReachTheRenditions) {
  ASSERT_THAT(Render(TestPicture("polyglot.jpg")), IsOk());

  for (const auto file : {kThumbnailFile, kMediumFile, kLargeFile}) {
    EXPECT_THAT(ReadAll(folder() / file), Not(HasSubstr("script")));
  }
}

TEST_F(PictureTest, TransparencyBecomesWhite) {
  ASSERT_THAT(Render(TestPicture("transparent.png")), IsOk());

  const DecodedPicture pixels(folder() / kLargeFile);
  EXPECT_THAT(pixels.At(50, 50), ::testing::Each(::testing::Ge(254)));
}

}  // namespace
}  // namespace pinhole::media
