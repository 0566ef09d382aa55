// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/server/media/walk/heic_items.h"

namespace pinhole::media {
namespace {

using namespace std::literals::string_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string AfterTransforms(std::vector<NewHeifItem::Property> properties) {
  NewHeifItem item = Coded();
  for (auto& property : properties) item.properties.push_back(property);
  const auto walked = WalkPicture(Heic({item}));
  if (!walked.ok()) return ReasonIn(walked.status());
  return std::to_string(walked->width) + "x" + std::to_string(walked->height);
}

TEST(HeicWalkTest, PicturesOfEncodersKeepTheirPixelsAndSizes) {
  for (const auto* name :
       {"full-chroma.heic", "grey.heic", "lossless.heic", "ten-bits.heic"}) {
    const WalkedPicture walked = Walk(Fixture(name));
    EXPECT_EQ(walked.type, PictureType::kHeic);
    EXPECT_EQ(walked.width, 128) << name;
    EXPECT_EQ(walked.height, 96) << name;
    EXPECT_THAT(Items(walked.bytes), ElementsAre("hvc1")) << name;
  }
}

TEST(HeicWalkTest, OddAndSmallPicturesHaveTheSizeOfTheirGrid) {
  const WalkedPicture odd = Walk(Fixture("odd-sides.heic"));
  EXPECT_EQ(odd.width, 127);
  EXPECT_EQ(odd.height, 95);
  const WalkedPicture small = Walk(Fixture("small.heic"));
  EXPECT_EQ(small.width, 60);
  EXPECT_EQ(small.height, 40);
}

TEST(HeicWalkTest, ThumbnailIsDropped) {
  EXPECT_THAT(Items(Fixture("thumbnail.heic")),
              ElementsAre("hvc1", "hvc1", "grid"));
  const WalkedPicture walked = Walk(Fixture("thumbnail.heic"));
  EXPECT_THAT(Items(walked.bytes), ElementsAre("hvc1"));
  EXPECT_EQ(walked.width, 128);
}

TEST(HeicWalkTest, GainMapToneMapAndExifOfTelephonesAreDropped) {
  const WalkedPicture old = Walk(Fixture("iphone-until-17.heic"));
  const WalkedPicture current = Walk(Fixture("iphone-ios18.heic"));
  EXPECT_EQ(current.width, 480);
  EXPECT_EQ(current.height, 320);
  EXPECT_THAT(Items(current.bytes), ElementsAre("hvc1"));
  EXPECT_EQ(current.bytes, old.bytes);
  EXPECT_THAT(current.bytes, Not(HasSubstr("Exif")));
}

TEST(HeicWalkTest, PictureOfAPrimaryToneMapIsTaken) {
  NewHeifItem tone_map = Identity(128, 96, 2);
  tone_map.type = "tmap";
  EXPECT_EQ(Walk(Heic({tone_map, Coded()})).bytes, Walk(Heic({Coded()})).bytes);
}

TEST(HeicWalkTest, PrimaryIsTakenOfSeveralPictures) {
  const WalkedPicture first = Walk(Fixture("spatial.heic"));
  const WalkedPicture second = Walk(Fixture("spatial-second-primary.heic"));
  EXPECT_THAT(Items(first.bytes), ElementsAre("hvc1"));
  EXPECT_THAT(Items(second.bytes), ElementsAre("hvc1"));
  EXPECT_NE(first.bytes, second.bytes);
}

TEST(HeicWalkTest, SequenceBesideAPrimaryItemIsIgnored) {
  const std::string still = Fixture("lossless.heic");
  const std::string sequence = MakeHeifBox("moov", "tracks");
  EXPECT_EQ(Walk(still + sequence).bytes, Walk(still).bytes);
  const std::string type = still.substr(0, still.find("meta") - 4);
  EXPECT_EQ(Refusal(type + sequence), kMultipleFrames);
  EXPECT_EQ(Refusal(type), kDamagedFile);
}

TEST(HeicWalkTest, TransparencyIsKept) {
  const WalkedPicture walked = Walk(Fixture("transparent.heic"));
  EXPECT_THAT(Items(walked.bytes), ElementsAre("hvc1", "hvc1"));
  const HeifFile heif = ReadHeif(walked.bytes);
  EXPECT_TRUE(heif.Find(2)->RefersTo("auxl", 1));
  EXPECT_THAT(PropertiesOf(walked.bytes, 2), ::testing::Contains("auxC"));
  EXPECT_FALSE(heif.Find(1)->RefersTo("prem", 2));
  const std::string premultiplied = Walk(Fixture("premultiplied.heic")).bytes;
  EXPECT_TRUE(ReadHeif(premultiplied).Find(1)->RefersTo("prem", 2));
}

TEST(HeicWalkTest, AuxiliaryPicturesOtherThanTransparencyAreDropped) {
  const std::string depth =
      Replaced(Fixture("transparent.heic"), "auxid:1", "auxid:2");
  EXPECT_THAT(Items(Walk(depth).bytes), ElementsAre("hvc1"));
}

TEST(HeicWalkTest, ColourIsReadFromNumbers) {
  EXPECT_EQ(Walk(Fixture("nclx-p3.heic")).colour,
            (ColourCode{12, 13, 6, true}));
  const WalkedPicture pq = Walk(Fixture("hdr-pq.heic"));
  ASSERT_TRUE(pq.colour.has_value());
  EXPECT_EQ(pq.colour->primaries, 9);
  EXPECT_EQ(pq.colour->transfer, 16);
  EXPECT_THAT(PropertiesOf(pq.bytes, 1), ::testing::Contains("colr"));
  EXPECT_EQ(Walk(Heic({Coded()})).colour, std::nullopt);
}

TEST(HeicWalkTest, ProfileLeavesTheFileAndCountsMoreThanNumbers) {
  const auto numbers = Box("colr", "nclx\0\x0c\0\x0d\0\6\x80"s);
  const auto profile = Box("colr", "prof" + Profile());
  const WalkedPicture walked =
      Walk(Heic({With(With(Coded(), numbers), profile)}));
  EXPECT_EQ(walked.profile, Profile());
  EXPECT_EQ(walked.colour, std::nullopt);
  EXPECT_EQ(walked.bytes, Walk(Heic({With(Coded(), numbers)})).bytes);
}

TEST(HeicWalkTest, ColourOfAGridIsThatOfItsTilesIfItHasNone) {
  const NewHeifItem tile = With(Coded(), Box("colr", "prof" + Profile()));
  EXPECT_EQ(Walk(Heic({Grid(1, 2, 256, 96, {2, 2}), tile})).profile, Profile());
}

TEST(HeicWalkTest, SizeIsUpright) {
  EXPECT_EQ(AfterTransforms({}), "128x96");
  EXPECT_EQ(AfterTransforms({Turn(1)}), "96x128");
  EXPECT_EQ(AfterTransforms({Turn(2), Mirror()}), "128x96");
  EXPECT_EQ(AfterTransforms({Crop(30, 20), Turn(3)}), "20x30");
  EXPECT_EQ(AfterTransforms({Turn(3), Crop(30, 20)}), "30x20");
  EXPECT_EQ(AfterTransforms({Crop(61, 41, 2)}), "31x21");
}

TEST(HeicWalkTest, InvalidCropsAreDamage) {
  EXPECT_EQ(AfterTransforms({Crop(0, 20)}), kDamagedFile);
  EXPECT_EQ(AfterTransforms({Crop(-9, 20)}), kDamagedFile);
  EXPECT_EQ(AfterTransforms({Crop(30, 20, 0)}), kDamagedFile);
  EXPECT_EQ(AfterTransforms({Crop(0x7fffffff, 20)}), kDamagedFile);
  EXPECT_EQ(AfterTransforms({Box("clap", "short")}), kDamagedFile);
}

TEST(HeicWalkTest, TransformsOccurOnce) {
  EXPECT_EQ(AfterTransforms({Turn(1), Turn(1)}), kDamagedFile);
  EXPECT_EQ(AfterTransforms({Mirror(), Mirror()}), kDamagedFile);
}

TEST(HeicWalkTest, GridIsKeptWithItsTiles) {
  const std::string file = Heic(
      {With(Grid(2, 2, 200, 180, {2, 3, 2, 3}), Turn(1)), Coded(), Coded()});
  const WalkedPicture walked = Walk(file);
  EXPECT_EQ(walked.width, 180);
  EXPECT_EQ(walked.height, 200);
  EXPECT_THAT(Items(walked.bytes), ElementsAre("grid", "hvc1", "hvc1"));
  EXPECT_THAT(ReadHeif(walked.bytes).Find(1)->Sources(),
              ElementsAre(2, 3, 2, 3));
}

TEST(HeicWalkTest, TilesMustCoverTheGridAndNoMore) {
  const auto refusal = [](const NewHeifItem& grid) {
    return Refusal(Heic({grid, Coded()}));
  };
  EXPECT_EQ(refusal(Grid(1, 2, 256, 96, {2, 2})), "");
  EXPECT_EQ(refusal(Grid(1, 2, 129, 1, {2, 2})), "");
  EXPECT_EQ(refusal(Grid(1, 2, 257, 96, {2, 2})), kDamagedFile);
  EXPECT_EQ(refusal(Grid(1, 2, 256, 97, {2, 2})), kDamagedFile);
  EXPECT_EQ(refusal(Grid(1, 2, 128, 96, {2, 2})), kDamagedFile);
  EXPECT_EQ(refusal(Grid(2, 1, 128, 96, {2, 2})), kDamagedFile);
  EXPECT_EQ(refusal(Grid(1, 2, 256, 96, {2})), kDamagedFile);
  EXPECT_EQ(refusal(Grid(1, 2, 256, 96, {2, 2, 2})), kDamagedFile);
  EXPECT_EQ(refusal(Grid(1, 2, 256, 96, {2, 3})), kDamagedFile);
  EXPECT_EQ(refusal(Grid(1, 2, 256, 96, {})), kDamagedFile);
  NewHeifItem stated = Grid(1, 2, 256, 96, {2, 2});
  stated.properties = {Extents(255, 96)};
  EXPECT_EQ(refusal(stated), kDamagedFile);
}

TEST(HeicWalkTest, TilesMustBeAlikeAndUpright) {
  const NewHeifItem grid = Grid(1, 2, 256, 96, {2, 3});
  EXPECT_EQ(Refusal(Heic({grid, Coded(), Coded("full-chroma.heic")})),
            kDamagedFile);
  EXPECT_EQ(Refusal(Heic({grid, Coded(), Coded("ten-bits.heic")})),
            kDamagedFile);
  EXPECT_EQ(Refusal(Heic({grid, Coded(), Coded("plain.heic")})), kDamagedFile);
  EXPECT_EQ(Refusal(Heic({grid, Coded(), With(Coded(), Turn(2))})),
            kDamagedFile);
  EXPECT_EQ(Refusal(Heic({grid, Identity(128, 96, 3), Coded()})), kDamagedFile);
}

TEST(HeicWalkTest, DerivedItemsKeepWhatTheyAreMadeOf) {
  const WalkedPicture walked =
      Walk(Heic({With(Identity(96, 128, 2), Mirror()),
                 With(Identity(128, 96, 3), Turn(1)), Coded()}));
  EXPECT_EQ(walked.width, 96);
  EXPECT_THAT(Items(walked.bytes), ElementsAre("iden", "iden", "hvc1"));
  EXPECT_EQ(Refusal(Heic({Identity(96, 128, 2), Coded()})), kDamagedFile);
}

TEST(HeicWalkTest, OverlayKeepsTheLayersThatItShows) {
  const auto overlay = [](int x, int y) {
    std::string data = "\0\0\1\2\3\4\5\6\7\x8\0\x64\0\x50"s;
    for (const int number : {0, 0, x, y}) {
      AppendBig(data, static_cast<std::uint64_t>(number), 2);
    }
    return NewHeifItem{.type = "iovl",
                       .data = data,
                       .properties = {Extents(100, 80)},
                       .sources = {2, 2}};
  };
  const WalkedPicture walked = Walk(Heic({overlay(-127, 79), Coded()}));
  EXPECT_EQ(walked.width, 100);
  EXPECT_EQ(walked.height, 80);
  EXPECT_THAT(Items(walked.bytes), ElementsAre("iovl", "hvc1"));
  EXPECT_EQ(Refusal(Heic({overlay(-128, 0), Coded()})), kDamagedFile);
  EXPECT_EQ(Refusal(Heic({overlay(0, 80), Coded()})), kDamagedFile);
  EXPECT_EQ(Refusal(Heic({WithData(overlay(0, 0), "short"), Coded()})),
            kDamagedFile);
}

TEST(HeicWalkTest, ItemsMadeOfThemselvesAreDamage) {
  EXPECT_EQ(Refusal(Heic({Identity(128, 96, 1)})), kDamagedFile);
  EXPECT_EQ(Refusal(Heic({Identity(128, 96, 2), Identity(128, 96, 1)})),
            kDamagedFile);
}

TEST(HeicWalkTest, DepthOfDerivedItemsIsLimited) {
  std::vector<NewHeifItem> items;
  for (std::uint32_t next = 2; next <= 5; ++next) {
    items.push_back(Identity(128, 96, next));
  }
  items.push_back(Coded());
  EXPECT_EQ(Refusal(Heic(items)), "");
  items.back() = Identity(128, 96, 6);
  items.push_back(Coded());
  EXPECT_EQ(Refusal(Heic(items)), kDamagedFile);
}

TEST(HeicWalkTest, WorkIsCountedEachTimeAnItemIsUsed) {
  // Each layer shows the next one 60 times.
  const auto layers = [](std::uint32_t source) {
    std::string data = "\0\0\1\2\3\4\5\6\7\x8\0\x80\0\x60"s;
    data.append(60 * std::size_t{4}, '\0');
    return NewHeifItem{.type = "iovl",
                       .data = data,
                       .properties = {Extents(128, 96)},
                       .sources = std::vector<std::uint32_t>(60, source)};
  };
  EXPECT_EQ(Refusal(Heic({layers(2), Coded()})), "");
  EXPECT_EQ(Refusal(Heic({layers(2), layers(3), Coded()})), kDamagedFile);
}

TEST(HeicWalkTest, LargestPicturesPassAndLargerOnesDoNot) {
  EXPECT_EQ(Walk(Fixture("flat40.heic")).width, 8192);
  EXPECT_EQ(Refusal(Heic({With(Coded(), Extents(128, 96))})), "");
  NewHeifItem item = Coded();
  item.properties[0] = Extents(16385, 1);
  EXPECT_EQ(Refusal(Heic({item})), kSideTooLong);
}

TEST(HeicWalkTest, PicturesOfOtherCodingsAreUnsupported) {
  EXPECT_EQ(Refusal(Fixture("picture.avif")), kUnsupportedType);
  EXPECT_EQ(Refusal(Replaced(Fixture("picture.avif"), "ftypavif", "ftypmif1")),
            kUnsupportedType);
  for (const auto* type : {"av01", "hev1", "jpeg", "unci", "mime"}) {
    NewHeifItem item = Coded();
    item.type = type;
    EXPECT_EQ(Refusal(Heic({item})), kUnsupportedType);
    EXPECT_EQ(Refusal(Heic({Grid(1, 1, 128, 96, {2}), item})),
              kUnsupportedType);
  }
}

TEST(HeicWalkTest, SizesThatBoxesAndHevcStateMustAgree) {
  for (const auto* name :
       {"grid_tile160.heic", "grid_4x160.heic", "ispe_small160.heic"}) {
    EXPECT_EQ(Refusal(Fixture(name)), kTooManyPixels) << name;
  }
  // The same with sizes that are within the limits.
  NewHeifItem item = Coded("flat40.heic");
  item.properties[0] = Extents(128, 96);
  EXPECT_EQ(Refusal(Heic({item})), kDamagedFile);
  EXPECT_EQ(Refusal(Heic({Grid(1, 1, 128, 96, {2}), item})), kDamagedFile);
  EXPECT_EQ(Refusal(Heic({Grid(1, 1, 128, 96, {2}), Coded("flat40.heic")})), "")
      << "a grid may show a part of its last tiles";
  EXPECT_EQ(
      Refusal(Heic({Grid(1, 4, 128, 96, {2, 2, 2, 2}), Coded("flat40.heic")})),
      kDamagedFile);
}

}  // namespace
}  // namespace pinhole::media
