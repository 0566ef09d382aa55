// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/server/media/walk/walked.h"

namespace pinhole::media {
namespace {

using namespace std::literals::string_literals;

std::string Chunk(std::string_view type, std::string_view data) {
  std::string chunk(type);
  AppendLittle(chunk, data.size(), 4);
  chunk += data;
  if (data.size() % 2 == 1) chunk += '\0';
  return chunk;
}

std::string Riff(const std::string& chunks) {
  std::string file = "RIFF";
  AppendLittle(file, chunks.size() + 4, 4);
  return file + "WEBP" + chunks;
}

std::string Canvas(unsigned width, unsigned height, unsigned flags = 0) {
  std::string data;
  AppendLittle(data, flags, 4);
  AppendLittle(data, width - 1, 3);
  AppendLittle(data, height - 1, 3);
  return Chunk("VP8X", data);
}

std::string Lossless(unsigned width, unsigned height) {
  std::string data = "\x2f";
  AppendLittle(data, (width - 1) | (height - 1) << 14, 4);
  return Chunk("VP8L", data + "pixels");
}

std::string Lossy(unsigned width, unsigned height) {
  std::string data = "\0\0\0\x9d\1\x2a"s;
  AppendLittle(data, width, 2);
  AppendLittle(data, height, 2);
  return Chunk("VP8 ", data + "pixels");
}

std::string Animation(unsigned width, unsigned height) {
  return Canvas(width, height, 0x02) + Chunk("ANIM", "\0\0\0\0\0\0"s);
}

std::string AnimationFrame(unsigned x, unsigned y, unsigned width,
                           unsigned height, const std::string& chunks) {
  std::string data;
  AppendLittle(data, x / 2, 3);
  AppendLittle(data, y / 2, 3);
  AppendLittle(data, width - 1, 3);
  AppendLittle(data, height - 1, 3);
  return Chunk("ANMF", data + "\x64\0\0\0"s + chunks);
}

TEST(WebpWalkTest, PlainPicturesStayAsTheyAre) {
  for (const auto* name :
       {"untagged-ramp.webp", "transparent.webp", "lossless.webp"}) {
    const WalkedPicture walked = Walk(Fixture(name));
    EXPECT_EQ(walked.type, PictureType::kWebp);
    EXPECT_EQ(walked.bytes, Fixture(name)) << name;
  }
  EXPECT_EQ(Walk(Fixture("transparent.webp")).width, 64);
  EXPECT_EQ(Walk(Fixture("lossless.webp")).height, 48);
}

TEST(WebpWalkTest, MetadataIsDroppedAndRead) {
  const std::string profile = Profile();
  const WalkedPicture walked =
      Walk(Riff(Canvas(6, 5, 0x2c) + Chunk("ICCP", profile) + Lossy(6, 5) +
                Chunk("EXIF", Exif(8)) + Chunk("XMP ", "<x/>") +
                Chunk("PRIV", "private")));
  EXPECT_EQ(walked.profile, profile);
  EXPECT_EQ(walked.orientation, 8);
  EXPECT_EQ(walked.bytes, Riff(Lossy(6, 5)));
}

TEST(WebpWalkTest, ExifMayHaveTheHeaderThatJpegNeeds) {
  EXPECT_EQ(Walk(Riff(Canvas(6, 5) + Lossy(6, 5) +
                      Chunk("EXIF", "Exif\0\0"s + Exif(6, true))))
                .orientation,
            6);
}

TEST(WebpWalkTest, TransparencyIsKeptBesideLossyPixelsOnly) {
  const std::string alpha = Chunk("ALPH", "\0alpha"s);
  EXPECT_EQ(Walk(Riff(Canvas(6, 5, 0x3e) + alpha + Lossy(6, 5))).bytes,
            Riff(Canvas(6, 5, 0x10) + alpha + Lossy(6, 5)));
  EXPECT_EQ(Walk(Riff(Canvas(6, 5, 0x10) + alpha + Lossless(6, 5))).bytes,
            Riff(Lossless(6, 5)));
}

TEST(WebpWalkTest, AnimationOfOneFrameIsAStillPicture) {
  const WalkedPicture walked = Walk(Fixture("one-frame-animated.webp"));
  EXPECT_EQ(walked.width, 480);
  EXPECT_EQ(walked.height, 320);
  EXPECT_EQ(walked.bytes.substr(12, 4), "VP8 ");
  const std::string alpha = Chunk("ALPH", "\0alpha"s);
  EXPECT_EQ(Walk(Riff(Animation(6, 5) +
                      AnimationFrame(0, 0, 6, 5, alpha + Lossy(6, 5))))
                .bytes,
            Riff(Canvas(6, 5, 0x10) + alpha + Lossy(6, 5)));
}

TEST(WebpWalkTest, FrameThatCoversAPartOfTheCanvasIsThePicture) {
  const WalkedPicture walked = Walk(
      Riff(Animation(60, 50) + AnimationFrame(2, 4, 6, 5, Lossless(6, 5))));
  EXPECT_EQ(walked.width, 6);
  EXPECT_EQ(walked.height, 5);
  EXPECT_EQ(walked.bytes, Riff(Lossless(6, 5)));
}

TEST(WebpWalkTest, AnimationOfMoreFramesIsRefused) {
  const std::string frame = AnimationFrame(0, 0, 6, 5, Lossy(6, 5));
  EXPECT_EQ(Refusal(Riff(Animation(6, 5) + frame + frame)), kMultipleFrames);
  EXPECT_EQ(Refusal(Riff(Animation(6, 5) + frame + frame.substr(0, 12))),
            kMultipleFrames);
}

TEST(WebpWalkTest, SizesOfCanvasFrameAndPixelsMustAgree) {
  EXPECT_EQ(Refusal(Riff(Canvas(6, 6) + Lossy(6, 5))), kDamagedFile);
  EXPECT_EQ(
      Refusal(Riff(Animation(6, 5) + AnimationFrame(0, 0, 6, 5, Lossy(5, 5)))),
      kDamagedFile);
  EXPECT_EQ(
      Refusal(Riff(Animation(6, 5) + AnimationFrame(2, 0, 6, 5, Lossy(6, 5)))),
      kDamagedFile);
  EXPECT_EQ(Refusal(Riff(AnimationFrame(0, 0, 6, 5, Lossy(6, 5)))),
            kDamagedFile);
}

TEST(WebpWalkTest, StatedLengthOfTheFileDoesNotMatter) {
  const std::string whole =
      Riff(Canvas(6, 5) + Lossy(6, 5) + Chunk("EXIF", Exif(6)));
  for (const unsigned length : {0u, 12u, 0xffffffffu}) {
    std::string stated;
    AppendLittle(stated, length, 4);
    std::string file = whole;
    EXPECT_EQ(Walk(file.replace(4, 4, stated)).orientation, 6);
  }
}

TEST(WebpWalkTest, TruncationAfterThePixelsIsAccepted) {
  const std::string whole =
      Riff(Canvas(6, 5) + Lossy(6, 5) + Chunk("EXIF", Exif(6)));
  const WalkedPicture walked = Walk(whole.substr(0, whole.size() - 3));
  EXPECT_EQ(walked.bytes, Riff(Lossy(6, 5)));
  EXPECT_EQ(walked.orientation, 1);
  EXPECT_EQ(Walk(Riff(Lossy(6, 5)) + "<html>").bytes, Riff(Lossy(6, 5)));
}

TEST(WebpWalkTest, TruncatedPixelsAreDamage) {
  for (const auto* name : {"untagged-ramp.webp", "transparent.webp",
                           "lossless.webp", "one-frame-animated.webp"}) {
    const std::string file = Fixture(name);
    for (std::size_t size = 12; size < file.size() - 1; ++size) {
      EXPECT_EQ(Refusal(file.substr(0, size)), kDamagedFile) << size;
    }
  }
  const std::string alpha = Chunk("ALPH", std::string(100, 'a'));
  EXPECT_EQ(Refusal(Riff(alpha.substr(0, 60) + Lossy(6, 5))), kDamagedFile);
}

TEST(WebpWalkTest, PixelsMustBeAKeyFrameOrLosslessVersionZero) {
  EXPECT_EQ(Refusal(Riff(Replaced(Lossy(6, 5), "\0\0\0\x9d"s, "\1\0\0\x9d"s))),
            kDamagedFile);
  EXPECT_EQ(Refusal(Riff(Replaced(Lossy(6, 5), "\x9d", "\x9e"))), kDamagedFile);
  EXPECT_EQ(Refusal(Riff(Replaced(Lossless(6, 5), "\x2f", "\x2e"))),
            kDamagedFile);
  EXPECT_EQ(Refusal(Riff(Chunk("VP8L", "\x2f\5\0\1\x20"s))), kDamagedFile);
  EXPECT_EQ(Refusal(Riff("")), kDamagedFile);
}

TEST(WebpWalkTest, SizeIsLimited) {
  EXPECT_EQ(Refusal(Riff(Lossy(0, 5))), kDamagedFile);
  EXPECT_EQ(Refusal(Riff(Lossless(8192, 8192))), "");
  EXPECT_EQ(Refusal(Riff(Lossless(16384, 16384))), kTooManyPixels);
  EXPECT_EQ(Refusal(Riff(Canvas(16385, 1) + Lossy(6, 5))), kSideTooLong);
}

}  // namespace
}  // namespace pinhole::media
