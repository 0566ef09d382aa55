// SPDX-License-Identifier: Apache-2.0

// Different encodings of the same boxes.

#include "tests/unit/server/media/walk/heic_items.h"

namespace pinhole::media {
namespace {

using namespace std::literals::string_literals;
using ::testing::ElementsAre;

std::string Big(std::uint64_t number, std::size_t bytes) {
  std::string text;
  AppendBig(text, number, bytes);
  return text;
}

std::string FullBox(std::string_view type, unsigned version, unsigned flags,
                    const std::string& body) {
  return MakeHeifBox(type, Big(version, 1) + Big(flags, 3) + body);
}

// A grid of one tile, box by box.
struct Boxes {
  bool wide = false;          // Numbers of items have four bytes.
  bool grid_in_idat = false;  // Otherwise after the tile.
  unsigned method = 0;        // Construction method of the tile.
  unsigned protection = 0;
  unsigned data_reference = 0;
  std::string handler = "pict";
  std::size_t grid_extents = 1;
  std::string prefix = {};  // Boxes before meta.

  NewHeifItem tile = Coded();
  NewHeifItem grid = Grid(1, 1, 60, 40, {2});

  std::string Id(unsigned id) const { return Big(id, wide ? 4 : 2); }

  std::string Entry(unsigned id, const std::string& type) const {
    return FullBox("infe", wide ? 3 : 2, 0,
                   Id(id) + Big(protection, 2) + type + "name\0"s);
  }

  std::string Location(unsigned id, unsigned method_of, std::size_t offset,
                       const std::vector<std::size_t>& lengths) const {
    std::string body = Id(id) + Big(method_of, 2) + Big(data_reference, 2);
    body += Big(lengths.empty() ? 0 : 5, 8);  // The base, subtracted below.
    body += Big(lengths.size(), 2);
    for (const std::size_t length : lengths) {
      body += Big(0, 4) + Big(offset - 5, 8) + Big(length, 8);
      offset += length;
    }
    return body;
  }

  // The grid in extents of one byte each; the last has the rest.
  std::vector<std::size_t> GridLengths() const {
    std::vector<std::size_t> lengths(grid_extents, 1);
    lengths.back() = grid.data.size() - (grid_extents - 1);
    return lengths;
  }

  std::string Meta(std::size_t data_at) const {
    const std::string properties =
        MakeHeifBox("ipco", grid.properties[0].box + tile.properties[0].box +
                                tile.properties[1].box) +
        FullBox("ipma", wide ? 1 : 0, wide ? 1 : 0,
                Big(2, 4) + Id(1) + Big(1, 1) + Big(1, wide ? 2 : 1) + Id(2) +
                    Big(2, 1) + Big(2, wide ? 2 : 1) + Big(3, wide ? 2 : 1));
    // idat begins with unused bytes.
    const std::size_t grid_at = grid_in_idat ? 5 : data_at + tile.data.size();
    const std::string locations =
        FullBox("iloc", wide ? 2 : 1, 0,
                Big(0x8884, 2) + Id(2) +
                    Location(2, method, data_at, {tile.data.size()}) +
                    Location(1, grid_in_idat ? 1 : 0, grid_at, GridLengths()));
    return FullBox(
        "meta", 0, 0,
        locations + MakeHeifBox("iprp", properties) +
            MakeHeifBox("idat", "other" + grid.data) +
            FullBox("iref", wide ? 1 : 0, 0,
                    MakeHeifBox("dimg", Id(1) + Big(1, 2) + Id(2))) +
            FullBox(
                "iinf", wide ? 1 : 0, 0,
                Big(2, wide ? 4 : 2) + Entry(1, "grid") + Entry(2, "hvc1")) +
            FullBox("pitm", wide ? 1 : 0, 0, Id(1)) +
            FullBox("hdlr", 0, 0, Big(0, 4) + handler + std::string(13, '\0')));
  }

  std::string File() const {
    const std::string start = MakeHeifBox("ftyp", "mif1\0\0\0\0heic"s) + prefix;
    const std::size_t data_at = start.size() + Meta(100).size() + 16;
    // With a size of eight bytes.
    return start + Meta(data_at) + Big(1, 4) + "mdat" +
           Big(16 + tile.data.size() + grid.data.size(), 8) + tile.data +
           grid.data;
  }
};

std::string Same() { return Walk(Boxes().File()).bytes; }

TEST(HeicBoxesTest, BoxesMayStandInAnyOrder) {
  const WalkedPicture walked = Walk(Boxes().File());
  EXPECT_EQ(walked.width, 60);
  EXPECT_EQ(walked.height, 40);
  EXPECT_THAT(Items(walked.bytes), ElementsAre("grid", "hvc1"));
}

TEST(HeicBoxesTest, NumbersOfItemsMayHaveFourBytes) {
  EXPECT_EQ(Walk(Boxes{.wide = true}.File()).bytes, Same());
}

TEST(HeicBoxesTest, DataMayBeInTheMetaBox) {
  EXPECT_EQ(Walk(Boxes{.grid_in_idat = true}.File()).bytes, Same());
}

TEST(HeicBoxesTest, DataMayBeInSeveralExtents) {
  EXPECT_EQ(Walk(Boxes{.grid_extents = 4}.File()).bytes, Same());
}

TEST(HeicBoxesTest, LastBoxMayReachToTheEnd) {
  std::string file = Boxes().File();
  const std::size_t data = file.rfind("mdat");
  // Of eight bytes of size, none says so; the offsets stay.
  file = file.substr(0, data - 4) + Big(8, 4) + "free" + Big(0, 4) + "mdat" +
         file.substr(data + 12);
  EXPECT_EQ(Walk(file).bytes, Same());
}

TEST(HeicBoxesTest, OtherBoxesAreSkipped) {
  EXPECT_EQ(Walk(Boxes{.prefix = MakeHeifBox("free", "Ansel")}.File()).bytes,
            Same());
  EXPECT_EQ(Walk(Boxes().File() + "\0\0\xff\xffjunk"s).bytes, Same());
}

TEST(HeicBoxesTest, DataElsewhereOrProtectedIsRefused) {
  EXPECT_EQ(Refusal(Boxes{.method = 2}.File()), kDamagedFile);
  EXPECT_EQ(Refusal(Boxes{.data_reference = 1}.File()), kDamagedFile);
  EXPECT_EQ(Refusal(Boxes{.protection = 1}.File()), kUnsupportedType);
}

TEST(HeicBoxesTest, HandlerMustBeThatOfPictures) {
  EXPECT_EQ(Refusal(Boxes{.handler = "vide"}.File()), kDamagedFile);
}

TEST(HeicBoxesTest, TruncatedDataIsDamage) {
  const std::string file = Boxes().File();
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_NE(Refusal(file.substr(0, size)), "") << size;
  }
}

TEST(HeicBoxesTest, MissingBoxesAreDamage) {
  for (const auto* box :
       {"meta", "hdlr", "pitm", "iinf", "infe", "iloc", "iprp", "ipco", "ipma",
        "iref", "dimg", "ispe", "hvcC"}) {
    EXPECT_EQ(Refusal(Replaced(Boxes().File(), box, "free")), kDamagedFile)
        << box;
  }
}

// 500 items with the same extents, which would make a file of 200 times the
// size.
TEST(HeicBoxesTest, ExtentsThatOverlapDoNotMakeTheFileGrow) {
  std::vector<std::uint32_t> tiles;
  std::vector<NewHeifItem> items(1);
  for (std::uint32_t id = 2; id < 102; ++id) {
    items.push_back(Coded());
    tiles.push_back(id);
  }
  items[0] = Grid(1, 100, 12800, 96, tiles);
  std::string file = Heic(items);
  EXPECT_EQ(Refusal(file), "");
  // Every offset in iloc becomes the first one, and the file ends after it.
  const std::size_t table = file.find("iloc") + 4 + 4 + 2 + 2;
  constexpr std::size_t kEntryBytes = 14;
  const std::string first = file.substr(table + kEntryBytes + 6, 4);
  for (std::size_t i = 2; i < items.size(); ++i) {
    file.replace(table + i * kEntryBytes + 6, 4, first);
  }
  file.resize(ByteReader(first).U32() + items[1].data.size());
  EXPECT_EQ(Refusal(file), kDamagedFile);
}

TEST(HeicBoxesTest, FilesWithMoreItemsThanDecodersAcceptAreRefused) {
  const auto file = [](std::size_t tiles) {
    std::vector<NewHeifItem> items = {
        Grid(1, 1, 128, 96, std::vector<std::uint32_t>(tiles, 2))};
    items.push_back(Coded());
    return Heic(items);
  };
  EXPECT_EQ(Refusal(file(1)), "");
  EXPECT_EQ(Refusal(file(1001)), kDamagedFile);
}

TEST(HeicBoxesTest, PropertiesAreWrittenOnce) {
  const WalkedPicture walked =
      Walk(Heic({Grid(1, 2, 256, 96, {2, 3}), Coded(), Coded()}));
  std::size_t records = 0;
  for (std::size_t at = 0;
       (at = walked.bytes.find("hvcC", at)) != std::string::npos; ++at) {
    ++records;
  }
  EXPECT_EQ(records, 1u);
}

}  // namespace
}  // namespace pinhole::media
