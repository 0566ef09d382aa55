// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/server/media/walk/walked.h"

namespace pinhole::media {
namespace {

using namespace std::literals::string_literals;

std::string Chunk(std::string_view type, std::string_view data) {
  std::string chunk;
  AppendBig(chunk, data.size(), 4);
  chunk += type;
  chunk += data;
  AppendBig(chunk,
            crc32(0, reinterpret_cast<const Bytef*>(chunk.data()) + 4,
                  static_cast<uInt>(chunk.size() - 4)),
            4);
  return chunk;
}

std::string Spoilt(std::string chunk) {
  chunk.back() = static_cast<char>(chunk.back() ^ 1);
  return chunk;
}

std::string Header(unsigned width, unsigned height, unsigned depth = 8,
                   unsigned colour = 2, unsigned interlaced = 0) {
  std::string data;
  AppendBig(data, width, 4);
  AppendBig(data, height, 4);
  AppendBig(data, depth, 1);
  AppendBig(data, colour, 1);
  AppendBig(data, interlaced, 3);
  return "\x89PNG\r\n\x1a\n" + Chunk("IHDR", data);
}

const std::string kEnd = Chunk("IEND", "");

// 4 x 4 pixels of RGB.
std::string Pixels() { return Chunk("IDAT", Deflate(std::string(52, '\0'))); }
std::string Plain() { return Header(4, 4) + Pixels() + kEnd; }

// A picture with further chunks before and after its pixels.
std::string With(const std::string& before, const std::string& after = "") {
  return Header(4, 4) + before + Pixels() + after + kEnd;
}

TEST(PngWalkTest, PlainPictureStaysAsItIs) {
  for (const auto* name : {"untagged-ramp.png", "untagged-colours.png"}) {
    const WalkedPicture walked = Walk(Fixture(name));
    EXPECT_EQ(walked.type, PictureType::kPng);
    EXPECT_EQ(walked.width, 512);
    EXPECT_EQ(walked.height, 64);
    EXPECT_EQ(walked.bytes, Fixture(name));
  }
}

TEST(PngWalkTest, MetadataIsDropped) {
  const std::string metadata =
      Chunk("gAMA", "\0\0\0\1"s) + Chunk("cHRM", std::string(32, '\1')) +
      Chunk("sRGB", "\0"s) + Chunk("sBIT", "\1\1\1") +
      Chunk("bKGD", std::string(6, '\0')) + Chunk("pHYs", "123456789") +
      Chunk("tEXt", "Author\0Ansel"s) + Chunk("prVt", "private") +
      Chunk("PLTE", "rgb");
  EXPECT_EQ(Walk(With(metadata, Chunk("tIME", "1234567"))).bytes, Plain());
}

TEST(PngWalkTest, CompressedTextIsNotInflated) {
  const std::string bomb = LargeFixture("ztxt_bomb.png");
  EXPECT_LT(Walk(bomb).bytes.size(), 1000u);
}

TEST(PngWalkTest, PaletteAndItsTransparencyAreKept) {
  const std::string pixels = Chunk("IDAT", Deflate(std::string(20, '\0')));
  const std::string png = Header(4, 4, 8, 3) + Chunk("PLTE", "rgbRGB") +
                          Chunk("tRNS", "\x80") + pixels + kEnd;
  EXPECT_EQ(Walk(png).bytes, png);
  EXPECT_EQ(Refusal(Header(4, 4, 8, 3) + pixels + kEnd), kDamagedFile);
  EXPECT_EQ(Refusal(Header(4, 4, 8, 3) + Chunk("PLTE", "rg") + pixels + kEnd),
            kDamagedFile);
}

TEST(PngWalkTest, PaletteIsAsLongAsThePixelsCanName) {
  const std::string pixels = Chunk("IDAT", Deflate(std::string(8, '\0')));
  EXPECT_EQ(Walk(Header(4, 4, 1, 3) + Chunk("PLTE", "rgbRGBmore..") +
                 Chunk("tRNS", "abcd") + pixels + kEnd)
                .bytes,
            Header(4, 4, 1, 3) + Chunk("PLTE", "rgbRGB") + Chunk("tRNS", "ab") +
                pixels + kEnd);
}

TEST(PngWalkTest, TransparentColourIsKeptIfItFits) {
  const std::string transparent = With(Chunk("tRNS", "123456"));
  EXPECT_EQ(Walk(transparent).bytes, transparent);
  EXPECT_EQ(Walk(With(Chunk("tRNS", "12"))).bytes, Plain());
  EXPECT_EQ(Walk(With("", Chunk("tRNS", "123456"))).bytes, Plain());
}

TEST(PngWalkTest, ProfileIsInflated) {
  const std::string profile = Profile("RGB ", 5000);
  const WalkedPicture walked =
      Walk(With(Chunk("iCCP", "name\0\0"s + Deflate(profile + "more"))));
  EXPECT_EQ(walked.profile, profile);
  EXPECT_EQ(walked.bytes, Plain());
}

TEST(PngWalkTest, ProfileThatIsTooLargeOrTruncatedIsIgnored) {
  EXPECT_EQ(Walk(LargeFixture("iccp_bomb.png")).profile, "");
  const std::string profile = Deflate(Profile("RGB ", 5000));
  for (const std::string& data :
       {"name\0\0"s + Deflate(Profile("RGB ", 5 << 20)),
        "name\0\0"s + profile.substr(0, profile.size() / 2),
        "name\0\1"s + profile, "name\0"s, "name"s, ""s, "name\0\0junk"s}) {
    EXPECT_EQ(Walk(With(Chunk("iCCP", data))).profile, "");
  }
}

TEST(PngWalkTest, ColourIsReadFromNumbersWithoutAProfile) {
  const std::string numbers = Chunk("cICP", "\x0c\x0d\0\1"s);
  EXPECT_EQ(Walk(With(numbers)).colour, (ColourCode{12, 13, 0, true}));
  const std::string profile = Chunk("iCCP", "name\0\0"s + Deflate(Profile()));
  EXPECT_EQ(Walk(With(numbers + profile)).colour, std::nullopt);
}

TEST(PngWalkTest, OrientationIsReadBeforeAndAfterThePixels) {
  const std::string exif = Chunk("eXIf", Exif(6, true));
  EXPECT_EQ(Walk(With(exif)).orientation, 6);
  EXPECT_EQ(Walk(With("", exif)).orientation, 6);
  EXPECT_EQ(Walk(With("", exif)).bytes, Plain());
  EXPECT_EQ(Walk(With(Chunk("eXIf", Exif(3)), exif)).orientation, 3);
}

TEST(PngWalkTest, ChecksumsOfCriticalChunksMustBeRight) {
  EXPECT_EQ(Refusal(Header(4, 4) + Spoilt(Pixels()) + kEnd), kDamagedFile);
  EXPECT_EQ(Refusal(Spoilt(Header(4, 4)) + Pixels() + kEnd), kDamagedFile);
  EXPECT_EQ(Refusal(With(Chunk("CRIT", "unknown"))), kDamagedFile);
  EXPECT_EQ(Walk(With(Spoilt(Chunk("eXIf", Exif(6))))).orientation, 1);
}

TEST(PngWalkTest, AnimationOfOneFrameIsAStillPicture) {
  const std::string one = Chunk("acTL", "\0\0\0\1\0\0\0\0"s);
  const std::string frame = Chunk("fcTL", std::string(26, '\0'));
  EXPECT_EQ(Walk(With(one + frame)).bytes, Plain());
  EXPECT_EQ(Walk(With(one, frame + Chunk("fdAT", "0123pixels"))).bytes,
            Plain());
}

TEST(PngWalkTest, AnimationOfMoreFramesIsRefusedWhateverItsChecksum) {
  const std::string two = Chunk("acTL", "\0\0\0\2\0\0\0\0"s);
  EXPECT_EQ(Refusal(With(two)), kMultipleFrames);
  EXPECT_EQ(Refusal(With(Spoilt(two))), kMultipleFrames);
}

TEST(PngWalkTest, MissingEndIsAddedIfThePixelsAreComplete) {
  const std::string open = Header(4, 4) + Pixels();
  EXPECT_EQ(Walk(open).bytes, Plain());
  EXPECT_EQ(Walk(open + kEnd.substr(0, 9)).bytes, Plain());
  EXPECT_EQ(Walk(open + Chunk("tEXt", "cut off").substr(0, 10)).bytes, Plain());
  // A truncated checksum is recomputed.
  EXPECT_EQ(Walk(open.substr(0, open.size() - 2)).bytes, Plain());
}

TEST(PngWalkTest, TruncatedPixelsAreDamage) {
  const std::string png = Fixture("untagged-colours.png");
  for (std::size_t size = 0; size < png.size() - 32; ++size) {
    EXPECT_NE(Refusal(png.substr(0, size)), "") << size;
  }
}

TEST(PngWalkTest, DataAfterTheEndIsDropped) {
  EXPECT_EQ(Walk(Plain() + "<html></html>").bytes, Plain());
}

TEST(PngWalkTest, PixelsMayNotInflateToMuchMoreThanThePicture) {
  EXPECT_EQ(Refusal(LargeFixture("idat_bomb.png")), kDamagedFile);
}

TEST(PngWalkTest, InterlacedPixelsAreCountedByTheirPasses) {
  // 5 x 3 pixels of grey.  Each row of the passes 1 to 7 has a byte more.
  const std::size_t bytes =
      (1 + 1) + (1 + 1) + 0 + (1 + 1) + (1 + 3) + 2 * (1 + 2) + (1 + 5);
  const auto open = [](std::size_t size) {
    return Header(5, 3, 8, 0, 1) +
           Chunk("IDAT", Deflate(std::string(size, '\0')));
  };
  EXPECT_EQ(Refusal(open(bytes)), "");
  EXPECT_EQ(Refusal(open(bytes - 1)), kDamagedFile);
}

TEST(PngWalkTest, LargestPicturesPass) {
  EXPECT_EQ(Walk(LargeFixture("flat40_interlaced.png")).width, 16383);
}

TEST(PngWalkTest, HeaderMustBeFirstAndValid) {
  const std::string signature = "\x89PNG\r\n\x1a\n";
  EXPECT_EQ(Refusal(signature), kDamagedFile);
  EXPECT_EQ(Refusal(signature + Pixels() + kEnd), kDamagedFile);
  EXPECT_EQ(Refusal(Header(4, 4) + kEnd), kDamagedFile);
  EXPECT_EQ(Refusal(Header(4, 4, 8, 1) + Pixels() + kEnd), kDamagedFile);
  EXPECT_EQ(Refusal(Header(4, 4, 4, 2) + Pixels() + kEnd), kDamagedFile);
  EXPECT_EQ(Refusal(Header(4, 4, 8, 2, 2) + Pixels() + kEnd), kDamagedFile);
  EXPECT_EQ(Refusal(Header(0, 4) + Pixels() + kEnd), kDamagedFile);
  EXPECT_EQ(Refusal(Header(16385, 1) + Pixels() + kEnd), kSideTooLong);
  EXPECT_EQ(Refusal(Header(8193, 8192) + Pixels() + kEnd), kTooManyPixels);
  EXPECT_EQ(Refusal(Header(0xffffffff, 0xffffffff)), kSideTooLong);
}

}  // namespace
}  // namespace pinhole::media
