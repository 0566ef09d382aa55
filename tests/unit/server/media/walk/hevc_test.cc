// SPDX-License-Identifier: Apache-2.0

#include "server/media/walk/hevc.h"

#include "tests/unit/server/media/walk/heic_items.h"

namespace pinhole::media {
namespace {

using namespace std::literals::string_literals;

constexpr char kIdr = 19 << 1;
constexpr char kTrailing = 1 << 1;
constexpr char kSei = 39 << 1;

// A length-prefixed unit with that first byte.
std::string Unit(char type, const std::string& content,
                 std::size_t length_bytes = 4) {
  const std::string unit = type + "\1"s + content;
  std::string written;
  AppendBig(written, unit.size(), length_bytes);
  return written + unit;
}
std::string FirstSlice(std::size_t length_bytes = 4) {
  return Unit(kIdr, "\xafslice", length_bytes);
}
std::string NextSlice() { return Unit(kIdr, "\x2fslice"); }

std::string Copied(const std::string& data, unsigned length_bytes = 4) {
  const auto picture = CopyHevcPicture(data, length_bytes);
  if (!picture.ok()) return ReasonIn(picture.status());
  return picture->bytes;
}

std::string Record(std::string_view fixture) {
  const std::string file = Fixture(fixture);
  const HeifFile heif = ReadHeif(file);
  return std::string(*heif.Find(heif.primary())->Property("hvcC"));
}

std::string RefusalOf(const std::string& record) {
  const auto read = ReadHevcConfiguration(record);
  return read.ok() ? "" : ReasonIn(read.status());
}

// The bytes of one array of a record, with its header.
std::string Array(const std::string& record, char type) {
  ByteReader reader(record);
  reader.Skip(22);
  for (unsigned arrays = reader.U8(); arrays > 0; --arrays) {
    const std::string_view start = reader.rest();
    const bool found = (reader.U8() & 0x3f) == type;
    for (unsigned units = reader.U16(); units > 0; --units) {
      reader.Skip(reader.U16());
    }
    if (found)
      return std::string(start.substr(0, start.size() - reader.left()));
  }
  return "";
}

std::string Joined(const std::string& record,
                   const std::vector<std::string>& arrays) {
  std::string joined = record.substr(0, 22);
  AppendBig(joined, arrays.size(), 1);
  for (const std::string& array : arrays) joined += array;
  return joined;
}

TEST(HevcTest, FormatIsReadFromTheParameterSets) {
  const auto plain = *ReadHevcConfiguration(Record("plain.heic"));
  EXPECT_EQ(plain.width, 480);
  EXPECT_EQ(plain.height, 320);
  EXPECT_EQ(plain.chroma, 1u);
  EXPECT_EQ(plain.luma_bits, 8u);
  EXPECT_EQ(ReadHevcConfiguration(Record("full-chroma.heic"))->chroma, 3u);
  EXPECT_EQ(ReadHevcConfiguration(Record("ten-bits.heic"))->luma_bits, 10u);
}

TEST(HevcTest, OnlyParameterSetsOfPicturesAreKept) {
  const std::string record = Record("plain.heic");
  const std::string vps = Array(record, 32);
  const std::string sps = Array(record, 33);
  const std::string pps = Array(record, 34);
  const std::string sei = "\xa7\0\1\0\5\x4e\1\5\0\0"s;
  const auto read =
      *ReadHevcConfiguration(Joined(record, {sei, pps, sps, vps}));
  EXPECT_EQ(read.record,
            ReadHevcConfiguration(Joined(record, {vps, sps, pps}))->record);
  EXPECT_EQ(RefusalOf(Joined(record, {vps, pps})), kDamagedFile);
}

TEST(HevcTest, SizeOfARecordIsLimited) {
  const std::string record = Record("plain.heic");
  const std::string sps = Array(record, 33);
  const std::string pps = Array(record, 34);
  // An array of one unit of that size.
  const auto array = [](unsigned type, std::size_t size) {
    std::string head;
    AppendBig(head, type, 1);
    AppendBig(head, 1, 2);
    AppendBig(head, size, 2);
    AppendBig(head, type << 9 | 1, 2);
    return head + std::string(size - 2, 'x');
  };
  EXPECT_EQ(RefusalOf(Joined(record, {sps, pps, array(34, 8000)})), "");
  EXPECT_EQ(RefusalOf(Joined(record, {sps, pps, array(34, 8192)})),
            kDamagedFile);
  EXPECT_EQ(RefusalOf(Joined(record, {sps, pps, array(39, 60000)})), "");
  EXPECT_EQ(
      RefusalOf(Joined(record, {sps, pps, array(39, 60000), array(39, 60000)})),
      kDamagedFile);
}

TEST(HevcTest, ParameterSetsMustAgree) {
  const std::string plain = Record("plain.heic");
  const std::string other = Record("flat40.heic");
  const std::string sps = Array(plain, 33);
  const std::string pps = Array(plain, 34);
  EXPECT_EQ(RefusalOf(Joined(plain, {sps, sps, pps})), "");
  EXPECT_EQ(RefusalOf(Joined(plain, {sps, Array(other, 33), pps})),
            kDamagedFile);
}

TEST(HevcTest, RecordMustAgreeWithItsParameterSets) {
  std::string record = Record("plain.heic");
  record[16] = static_cast<char>(record[16] ^ 2);
  EXPECT_EQ(RefusalOf(record), kDamagedFile);
  record = Record("plain.heic");
  record[17] = static_cast<char>(record[17] ^ 2);
  EXPECT_EQ(RefusalOf(record), kDamagedFile);
}

TEST(HevcTest, TruncatedRecordIsDamage) {
  const std::string record = Record("plain.heic");
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_EQ(RefusalOf(record.substr(0, size)), kDamagedFile) << size;
  }
}

TEST(HevcTest, SlicesAreKeptAndTheRestIsDropped) {
  EXPECT_EQ(Copied(Unit(kSei, "made by") + FirstSlice() + Unit(33 << 1, "sps") +
                   NextSlice() + Unit(36 << 1, "end")),
            FirstSlice() + NextSlice());
}

TEST(HevcTest, UnitsOfOtherLayersAreDropped) {
  std::string other = NextSlice();
  other[5] = 9;  // Layer 1.
  EXPECT_EQ(Copied(FirstSlice() + other), FirstSlice());
}

TEST(HevcTest, LengthsAreWrittenInFourBytes) {
  EXPECT_EQ(Copied(FirstSlice(1), 1), FirstSlice());
  EXPECT_EQ(Copied(FirstSlice(2), 2), FirstSlice());
}

TEST(HevcTest, ThereIsOneIntraPicture) {
  EXPECT_EQ(Copied(""), kDamagedFile);
  EXPECT_EQ(Copied(Unit(kSei, "made by")), kDamagedFile);
  EXPECT_EQ(Copied(NextSlice()), kDamagedFile);
  EXPECT_EQ(Copied(FirstSlice() + FirstSlice()), kDamagedFile);
  EXPECT_EQ(Copied(Unit(kTrailing, "\xafslice")), kDamagedFile);
  EXPECT_EQ(Copied(FirstSlice() + Unit(kTrailing, "\x2fslice")), kDamagedFile);
}

TEST(HevcTest, LengthsMustFit) {
  EXPECT_EQ(Copied(FirstSlice() + "\0\0"s), kDamagedFile);
  EXPECT_EQ(Copied(FirstSlice().substr(0, 9)), kDamagedFile);
  EXPECT_EQ(Copied("\xff\xff\xff\xff"s + FirstSlice()), kDamagedFile);
}

TEST(HevcTest, NumberOfSlicesIsLimited) {
  std::string data = FirstSlice();
  for (int i = 1; i < 200; ++i) data += NextSlice();
  EXPECT_EQ(Copied(data), data);
  EXPECT_EQ(Copied(data + NextSlice()), kDamagedFile);
}

}  // namespace
}  // namespace pinhole::media
