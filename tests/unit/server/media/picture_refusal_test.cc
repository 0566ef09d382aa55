// SPDX-License-Identifier: Apache-2.0

// Refused files and their reasons.

#include <optional>
#include <string>
#include <string_view>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/media/picture_refusal.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/media/picture_fixture.h"

namespace pinhole::media {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::SizeIs;

struct Refused {
  std::string file;
  Reason reason;
};

class RefusedPictureTest : public PictureTest,
                           public ::testing::WithParamInterface<Refused> {};

TEST_P(RefusedPictureTest, IsInvalidWithItsReason) {
  const auto info = Render(TestPicture(GetParam().file));

  EXPECT_THAT(info,
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("must")));
  EXPECT_EQ(ReasonOf(info.status()), GetParam().reason) << info.status();
  EXPECT_TRUE(std::filesystem::is_empty(folder()));
}

INSTANTIATE_TEST_SUITE_P(
    Files, RefusedPictureTest,
    ::testing::Values(Refused{"empty.jpg", Reason::kEmptyFile},
                      Refused{"text.jpg", Reason::kUnsupportedType},
                      Refused{"a.svg", Reason::kUnsupportedType},
                      Refused{"document.pdf", Reason::kUnsupportedType},
                      Refused{"bitmap.bmp", Reason::kUnsupportedType},
                      Refused{"picture.tif", Reason::kUnsupportedType},
                      Refused{"animated.gif", Reason::kUnsupportedType},
                      Refused{"coffee.avif", Reason::kUnsupportedType},
                      Refused{"animated.webp", Reason::kMultipleFrames},
                      Refused{"animated.png", Reason::kMultipleFrames},
                      Refused{"bomb.jpg", Reason::kSideTooLong},
                      Refused{"bomb.png", Reason::kSideTooLong},
                      Refused{"damaged.png", Reason::kDamagedFile}),
    [](const auto& test) {
      std::string name = test.param.file;
      for (char& c : name) {
        if (c == '.') c = '_';
      }
      return name;
    });

class PictureRefusalTest : public PictureTest {
 protected:
  // A picture of one colour; cheap at any size.
  absl::StatusOr<PictureInfo> RenderBlack(int width, int height) {
    VipsImage* image = nullptr;
    EXPECT_EQ(vips_black(&image, width, height, nullptr), 0);
    const auto path = folder() / "original.png";
    EXPECT_EQ(vips_pngsave(image, path.c_str(), nullptr), 0);
    g_object_unref(image);
    return Render(path);
  }
  std::optional<Reason> ReasonForBytes(std::string_view bytes) {
    return ReasonOf(RenderBytes(bytes).status());
  }
};

TEST_F(PictureRefusalTest, PixelsAreLimited) {
  EXPECT_EQ(ReasonOf(RenderBlack(8192, 8193).status()), Reason::kTooManyPixels);

  EXPECT_THAT(RenderBlack(8192, 8192), IsOk());
  EXPECT_EQ(DecodedPicture(folder() / kLargeFile).width(), 2048);
  EXPECT_EQ(DecodedPicture(folder() / kMediumFile).height(), 1080);
}

TEST_F(PictureRefusalTest, SidesAreLimited) {
  EXPECT_EQ(ReasonOf(RenderBlack(16385, 10).status()), Reason::kSideTooLong);
  EXPECT_EQ(ReasonOf(RenderBlack(10, 17000).status()), Reason::kSideTooLong);

  EXPECT_THAT(RenderBlack(16384, 10), IsOk());
  EXPECT_EQ(DecodedPicture(folder() / kLargeFile).width(), 2048);
  EXPECT_EQ(DecodedPicture(folder() / kThumbnailFile).height(), 1);
}

TEST_F(PictureRefusalTest, OnlyMagicBytesIsDamaged) {
  EXPECT_EQ(ReasonForBytes("\xff\xd8\xff"), Reason::kDamagedFile);
  EXPECT_EQ(ReasonForBytes("\x89PNG\r\n\x1a\n"), Reason::kDamagedFile);
  EXPECT_EQ(ReasonForBytes("RIFF....WEBPVP8 "), Reason::kDamagedFile);
  EXPECT_EQ(ReasonForBytes(std::string("\0\0\0\x18"
                                       "ftypheic\0\0\0\0heicmif1",
                                       24)),
            Reason::kDamagedFile);
}

TEST_F(PictureRefusalTest, ScansOfAProgressiveJpegAreBounded) {
  const std::string jpeg = ReadAll(TestPicture("progressive.jpg"));
  const std::size_t last = jpeg.rfind("\xff\xda");
  ASSERT_NE(last, std::string::npos);
  const std::string scan = jpeg.substr(last, jpeg.size() - 2 - last);

  std::string bomb = jpeg.substr(0, jpeg.size() - 2);
  for (int i = 0; i < 101; ++i) bomb += scan;
  bomb += "\xff\xd9";

  EXPECT_EQ(ReasonForBytes(bomb), Reason::kDamagedFile);
}

TEST_F(PictureRefusalTest, HugeMetadataIsHarmless) {
  const std::string jpeg = ReadAll(TestPicture("rocket.jpg"));
  std::string padded = jpeg.substr(0, 2);
  for (int i = 0; i < 100; ++i) {
    padded += std::string(
                  "\xff\xe1\xff\xff"
                  "Exif\0\0MM\0*\0\0\0\x08\xff\xff",
                  20) +
              std::string(0xffff - 18, '\xff');
    padded += std::string(
                  "\xff\xe2\xff\xff"
                  "ICC_PROFILE\0\x01\x01",
                  18) +
              std::string(0xffff - 16, '\x7f');
  }
  padded += jpeg.substr(2);

  EXPECT_THAT(RenderBytes(padded), IsOk());
  EXPECT_LT(ReadAll(folder() / kThumbnailFile).size(), 100'000U);
}

TEST_F(PictureRefusalTest, EveryFlippedByteOfAHeaderIsDecidedCleanly) {
  for (const auto file :
       {"orientation-6.jpg", "transparent.png", "coffee.webp", "coffee.heic"}) {
    const std::string whole = ReadAll(TestPicture(file));
    for (std::size_t at = 0; at < 400 && at < whole.size(); at += 7) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(~flipped[at]);
      const auto info = RenderBytes(flipped);
      EXPECT_TRUE(info.ok() || absl::IsInvalidArgument(info.status()))
          << file << " byte " << at << ": " << info.status();
    }
  }
}

TEST_F(PictureRefusalTest, LibrariesPrintNothing) {
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();

  for (const auto file : {"damaged.png", "damaged.heic", "two.heic"}) {
    Render(TestPicture(file)).IgnoreError();
  }

  EXPECT_THAT(::testing::internal::GetCapturedStderr(), SizeIs(0));
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), SizeIs(0));
}

}  // namespace
}  // namespace pinhole::media
