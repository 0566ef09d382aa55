// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/server/media/walk/walked.h"

namespace pinhole::media {
namespace {

using namespace std::literals::string_literals;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Segment(unsigned marker, std::string_view body) {
  std::string segment;
  AppendBig(segment, 0xff00 | marker, 2);
  AppendBig(segment, body.size() + 2, 2);
  segment += body;
  return segment;
}

const std::string kSoi = "\xff\xd8";
const std::string kEoi = "\xff\xd9";

// `jpeg` with `segments` after its first marker.
std::string WithHeader(std::string_view jpeg, const std::string& segments) {
  return kSoi + segments + std::string(jpeg.substr(2));
}

std::string IccChunk(unsigned number, unsigned count, std::string_view bytes) {
  std::string body = "ICC_PROFILE\0"s;
  AppendBig(body, number, 1);
  AppendBig(body, count, 1);
  body += bytes;
  return Segment(0xe2, body);
}

// A frame of one component and sampling for each of `ids`.
std::string Frame(unsigned marker, unsigned width, unsigned height,
                  std::string_view ids, unsigned bits = 8) {
  std::string body;
  AppendBig(body, bits, 1);
  AppendBig(body, height, 2);
  AppendBig(body, width, 2);
  AppendBig(body, ids.size(), 1);
  for (const char id : ids) body += std::string({id, '\x11', '\0'});
  return Segment(marker, body);
}

std::string Scan(std::string_view ids, std::string_view data = "data") {
  std::string body;
  AppendBig(body, ids.size(), 1);
  for (const char id : ids) body += std::string({id, '\0'});
  body += "\0\0\0"s;
  return Segment(0xda, body) + std::string(data);
}

std::string Scans(int count, std::string_view ids) {
  std::string scans;
  for (int i = 0; i < count; ++i) scans += Scan(ids);
  return scans;
}

TEST(JpegWalkTest, PlainPictureStaysAsItIs) {
  const std::string plain = Fixture("plain.jpg");
  const WalkedPicture walked = Walk(plain);
  EXPECT_EQ(walked.type, PictureType::kJpeg);
  EXPECT_EQ(walked.width, 480);
  EXPECT_EQ(walked.height, 320);
  EXPECT_EQ(walked.orientation, 1);
  EXPECT_EQ(walked.profile, "");
  EXPECT_EQ(walked.colour, std::nullopt);
  EXPECT_EQ(walked.bytes, plain);
}

TEST(JpegWalkTest, MetadataIsDropped) {
  const std::string plain = Fixture("plain.jpg");
  const std::string metadata =
      Segment(0xe1, "Exif\0\0"s + Exif(6)) +
      Segment(0xe1, "http://ns.adobe.com/xap/1.0/\0<x/>"s) +
      Segment(0xe2, "MPF\0other pictures"s) + Segment(0xed, "Photoshop 3.0") +
      Segment(0xe0, "JFXX\0\x10thumbnail"s) + Segment(0xfe, "a comment");
  const WalkedPicture walked = Walk(WithHeader(plain, metadata));
  EXPECT_EQ(walked.bytes, plain);
  EXPECT_EQ(walked.orientation, 6);
}

TEST(JpegWalkTest, ThumbnailAndDensityOfJfifAreDropped) {
  const std::string plain = Fixture("plain.jpg");
  const std::string jfif = Segment(0xe0, "JFIF\0\1\2\1\0\x60\0\x60\1\1rgb"s);
  EXPECT_EQ(Walk(Replaced(plain, plain.substr(2, 18), jfif)).bytes, plain);
}

TEST(JpegWalkTest, TruncatedJfifIsDropped) {
  const std::string plain = Fixture("plain.jpg");
  const std::string without = kSoi + plain.substr(20);
  EXPECT_EQ(Walk(WithHeader(without, Segment(0xe0, "JFIF\0\1\2"s))).bytes,
            without);
}

TEST(JpegWalkTest, AdobesTransformIsKept) {
  const std::string adobe = Segment(0xee, "Adobe\0\x64\x80\0\0\0\2 more"s);
  const std::string bytes = Walk(WithHeader(Fixture("plain.jpg"), adobe)).bytes;
  EXPECT_THAT(bytes, HasSubstr(Segment(0xee, "Adobe\0\x64\0\0\0\0\2"s)));
}

TEST(JpegWalkTest, FirstExifStatesTheOrientation) {
  const std::string exif = Segment(0xe1, "Exif\0\0"s + Exif(3)) +
                           Segment(0xe1, "Exif\0\0"s + Exif(8));
  EXPECT_EQ(Walk(WithHeader(Fixture("plain.jpg"), exif)).orientation, 3);
}

TEST(JpegWalkTest, ExifThatRefersToItselfIsNotFollowed) {
  const WalkedPicture walked = Walk(Fixture("exif_loop.jpg"));
  EXPECT_EQ(walked.width, 400);
  EXPECT_THAT(walked.bytes, Not(HasSubstr("Exif")));
}

TEST(JpegWalkTest, ProfileIsAssembledFromChunksInAnyOrder) {
  const std::string plain = Fixture("plain.jpg");
  const std::string profile = Profile();
  const std::string first = IccChunk(1, 3, profile.substr(0, 50));
  const std::string second = IccChunk(2, 3, profile.substr(50, 70));
  const std::string third = IccChunk(3, 3, profile.substr(120));
  const WalkedPicture walked = Walk(WithHeader(plain, third + first + second));
  EXPECT_EQ(walked.profile, profile);
  EXPECT_EQ(walked.bytes, plain);
  EXPECT_EQ(Walk(WithHeader(plain, first + third)).profile, "");
  EXPECT_EQ(Walk(WithHeader(plain, first + second + third + third)).profile,
            "");
  EXPECT_EQ(Walk(WithHeader(plain, IccChunk(0, 0, profile))).profile, "");
}

TEST(JpegWalkTest, LargestProfileIsThatOfTheLimit) {
  const auto jpeg = [](std::size_t size) {
    const std::string profile = Profile("CMYK", size);
    std::string chunks;
    for (unsigned i = 0; i < 100; ++i) {
      chunks += IccChunk(i + 1, 100, profile.substr(i * 42000, 42000));
    }
    return WithHeader(Fixture("plain.jpg"), chunks);
  };
  EXPECT_EQ(Walk(jpeg(4 << 20)).profile.size(), std::size_t{4} << 20);
  EXPECT_EQ(Walk(jpeg((4 << 20) + 1)).profile, "");
}

TEST(JpegWalkTest, ProfileIsReturnedWhetherItFitsOrNot) {
  EXPECT_EQ(Walk(Fixture("grey-with-rgb-profile.jpg")).profile.substr(16, 4),
            "RGB ");
}

TEST(JpegWalkTest, MissingEndIsAdded) {
  EXPECT_EQ(Walk(Fixture("no-eoi.jpg")).bytes, Fixture("plain.jpg"));
  const std::string progressive = Fixture("progressive-no-eoi.jpg");
  EXPECT_EQ(Walk(progressive).bytes, progressive + kEoi);
  EXPECT_EQ(Walk(progressive + "\xff\xff").bytes, progressive + kEoi);
}

TEST(JpegWalkTest, DataAfterTheEndIsDropped) {
  const std::string plain = Fixture("plain.jpg");
  EXPECT_EQ(Walk(Fixture("motion-photo-trailer.jpg")).bytes, plain);
  EXPECT_EQ(Walk(plain + "<html></html>").bytes, plain);
  EXPECT_EQ(Walk(plain + plain).bytes, plain);
}

TEST(JpegWalkTest, TrailerWithoutAnEndBeforeItIsNotPartOfThePicture) {
  const std::string plain = Fixture("plain.jpg");
  const std::string open = Fixture("no-eoi.jpg");
  const std::string other =
      Segment(0xdb, "other tables") + Frame(0xc0, 9, 9, "\1") + Scan("\1");
  for (const std::string& trailer : {
           kSoi + other,
           other,
           Segment(0xe1, "Exif") + other,
           Segment(0xfe, "comment") + "\xff\xc0",
           Segment(0xdb, "other tables") + "text",
           Scan("\1"),
           Scan("\7"),
           "\xff\xda\xff\xff"s,
           "\xff\x02\xff"s,
       }) {
    EXPECT_EQ(Walk(open + trailer).bytes, plain) << trailer;
  }
}

TEST(JpegWalkTest, SizeIsThatOfTheFirstFrame) {
  const WalkedPicture walked =
      Walk(Fixture("samsung-panorama-no-eoi-trailer.jpg"));
  EXPECT_EQ(walked.width, 480);
  EXPECT_EQ(walked.height, 320);
}

TEST(JpegWalkTest, CommentBetweenScansDoesNotEndThePicture) {
  const std::string progressive = Fixture("progressive-no-eoi.jpg");
  const std::size_t tables = progressive.rfind("\xff\xc4");
  std::string commented = progressive;
  commented.insert(tables, Segment(0xfe, "comment") + Segment(0xe1, "Exif") +
                               Segment(0xdc, "\1\x40"));
  EXPECT_EQ(Walk(commented).bytes, progressive + kEoi);
}

TEST(JpegWalkTest, RestartsAndStuffedBytesBelongToTheData) {
  const std::string data = "a\xff\0b\xff\xd0"s + "c\xff\xff\0d\xff\xd7"s;
  const std::string jpeg =
      kSoi + Frame(0xc0, 8, 8, "\1") + Scan("\1", data) + kEoi;
  EXPECT_EQ(Walk(jpeg).bytes, jpeg);
}

TEST(JpegWalkTest, BytesBetweenSegmentsOfTheHeaderAreSkipped) {
  const std::string plain = Fixture("plain.jpg");
  EXPECT_EQ(
      Walk(kSoi + "\xff\xff" + Segment(0xfe, "x") + "\0\0\0"s + plain.substr(2))
          .bytes,
      plain);
}

TEST(JpegWalkTest, WhetherPixelsAreMissingIsLeftToTheDecoder) {
  for (const auto* name : {"cut-50-eoi.jpg", "cut-90-eoi.jpg"}) {
    EXPECT_EQ(Walk(Fixture(name)).bytes, Fixture(name));
  }
}

TEST(JpegWalkTest, PictureWithoutScansIsDamaged) {
  const std::string frame = Frame(0xc0, 8, 8, "\1");
  EXPECT_EQ(Refusal(kSoi + "\xff"), kDamagedFile);
  EXPECT_EQ(Refusal(kSoi + kEoi), kDamagedFile);
  EXPECT_EQ(Refusal(kSoi + frame), kDamagedFile);
  EXPECT_EQ(Refusal(kSoi + frame + kEoi), kDamagedFile);
  EXPECT_EQ(Refusal(kSoi + Scan("\1") + kEoi), kDamagedFile);
  EXPECT_EQ(Refusal(kSoi + frame + Scan("\2") + kEoi), kDamagedFile);
  EXPECT_EQ(Refusal(kSoi + frame + frame + Scan("\1")), kDamagedFile);
  EXPECT_EQ(Refusal(kSoi + frame + "\xff\x02" + Scan("\1")), kDamagedFile);
}

TEST(JpegWalkTest, MoreScansThanEncodersMakeAreRefused) {
  const std::string start = kSoi + Frame(0xc2, 8, 8, "\1");
  EXPECT_EQ(Refusal(start + Scans(100, "\1")), "");
  EXPECT_EQ(Refusal(start + Scans(101, "\1")), kDamagedFile);
  EXPECT_EQ(Refusal(LargeFixture("scans100_4c.jpg")), kDamagedFile);
}

// libjpeg's jpeg_simple_progression.
TEST(JpegWalkTest, ScriptsOfEncodersPassAtTheLargestSize) {
  const std::string rgb = kSoi + Frame(0xc2, 8192, 8192, "\1\2\3") +
                          Scan("\1\2\3") + Scan("\1") + Scan("\3") +
                          Scan("\2") + Scans(2, "\1") + Scan("\1\2\3") +
                          Scan("\3") + Scan("\2") + Scan("\1");
  EXPECT_EQ(Refusal(rgb), "");
  std::string cmyk = kSoi + Frame(0xc2, 8192, 8192, "\1\2\3\4");
  for (const auto* ids : {"\1\2\3\4", "\1", "\2", "\3", "\4"}) {
    cmyk += Scans(ids[1] == '\0' ? 4 : 2, ids);
  }
  EXPECT_EQ(Refusal(cmyk), "");
  EXPECT_EQ(Refusal(cmyk + Scans(4, "\1\2\3\4")), "");
  EXPECT_EQ(Refusal(cmyk + Scans(5, "\1\2\3\4")), kDamagedFile);
}

TEST(JpegWalkTest, CodingsThatLibjpegDoesNotReadAreUnsupported) {
  for (const unsigned marker :
       {0xc3u, 0xc5u, 0xc6u, 0xc7u, 0xcbu, 0xcdu, 0xceu, 0xcfu}) {
    EXPECT_EQ(Refusal(kSoi + Frame(marker, 8, 8, "\1") + Scan("\1")),
              kUnsupportedType);
  }
  EXPECT_EQ(Refusal(kSoi + Frame(0xc1, 8, 8, "\1", 12) + Scan("\1")),
            kUnsupportedType);
  EXPECT_EQ(Refusal(kSoi + Frame(0xc0, 8, 8, "\1\2") + Scan("\1")),
            kUnsupportedType);
  for (const unsigned marker : {0xc0u, 0xc1u, 0xc2u, 0xc9u, 0xcau}) {
    EXPECT_EQ(Refusal(kSoi + Frame(marker, 8, 8, "\1") + Scan("\1")), "");
  }
}

TEST(JpegWalkTest, SizeIsLimited) {
  const auto refusal = [](unsigned width, unsigned height) {
    return Refusal(kSoi + Frame(0xc0, width, height, "\1") + Scan("\1"));
  };
  EXPECT_EQ(refusal(0, 8), kDamagedFile);
  EXPECT_EQ(refusal(8, 0), kDamagedFile);
  EXPECT_EQ(refusal(8192, 8192), "");
  EXPECT_EQ(refusal(8193, 8192), kTooManyPixels);
  EXPECT_EQ(refusal(16384, 1), "");
  EXPECT_EQ(refusal(16385, 1), kSideTooLong);
}

TEST(JpegWalkTest, MainCamerasOfTelephonesPass) {
  EXPECT_EQ(Walk(LargeFixture("48-megapixels.jpg")).width, 8064);
}

}  // namespace
}  // namespace pinhole::media
