// SPDX-License-Identifier: Apache-2.0

#include "server/media/walk/hevc.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "server/media/picture_refusal.h"
#include "server/media/walk/bytes.h"

namespace pinhole::media {
namespace {

// H.265, table 7-1.
constexpr unsigned kFirstIntra = 16;  // BLA_W_LP, the first of the IRAPs...
constexpr unsigned kLastIntra = 21;   // ...to CRA_NUT.
constexpr unsigned kVps = 32;
constexpr unsigned kSps = 33;
constexpr unsigned kPps = 34;
constexpr std::size_t kNalHeaderBytes = 2;

// The fixed part of the record, and the offset of the length size in it.
constexpr std::size_t kFixedBytes = 22;
constexpr std::size_t kLengthSizeAt = 21;

// Encoders write less than 200 bytes of parameter sets; some add a SEI unit
// with their options.  The record is read for each item that has it.
constexpr std::size_t kMaxReadBytes = std::size_t{64} * 1024;
constexpr std::size_t kMaxRecordBytes = std::size_t{8} * 1024;
// Parameter sets in a record; H.265 allows 16 VPS, 16 SPS and 64 PPS.
constexpr int kMaxParameterSets = 96;
// Slice segments in a picture: the maximum of level 5 (table A.8).
constexpr int kMaxSlices = 200;

struct NalUnit {
  unsigned type = 0;
  unsigned layer = 0;
};

std::optional<NalUnit> ReadNalHeader(std::string_view unit) {
  if (unit.size() <= kNalHeaderBytes) return std::nullopt;
  const auto header = static_cast<unsigned>(ByteReader(unit).U16());
  return NalUnit{.type = header >> 9 & 0x3f, .layer = header >> 3 & 0x3f};
}

// Returns the unit without emulation prevention bytes (7.3.1.1).
std::string Unescape(std::string_view unit) {
  std::string bytes;
  bytes.reserve(unit.size());
  int zeros = 0;
  for (const char byte : unit) {
    if (zeros >= 2 && byte == 3) {
      zeros = 0;
      continue;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    bytes += byte;
  }
  return bytes;
}

// Reads bits from the highest of the first byte on.  Past the end it returns
// zeros, and ok() is false.
class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint32_t Bits(unsigned count) {
    std::uint32_t number = 0;
    for (; count > 0; --count) number = number << 1 | Bit();
    return number;
  }

  void Skip(std::size_t count) { at_ += count; }

  // Exp-Golomb, section 9.2.
  std::uint32_t Golomb() {
    unsigned zeros = 0;
    while (ok() && Bit() == 0) ++zeros;
    if (zeros > 31) {
      at_ = 8 * bytes_.size() + 1;
      return 0;
    }
    return (std::uint32_t{1} << zeros) - 1 + Bits(zeros);
  }

  bool ok() const { return at_ <= 8 * bytes_.size(); }

 private:
  std::uint32_t Bit() {
    const std::size_t at = at_++;
    if (at >= 8 * bytes_.size()) return 0;
    return static_cast<unsigned char>(bytes_[at / 8]) >> (7 - at % 8) & 1;
  }

  const std::string_view bytes_;
  std::size_t at_ = 0;
};

// profile_tier_level of section 7.3.3.
void SkipProfile(BitReader& bits, unsigned more_layers) {
  constexpr std::size_t kProfileBits = 88;
  constexpr std::size_t kLevelBits = 8;
  bits.Skip(kProfileBits + kLevelBits);
  std::size_t skipped = 0;
  for (unsigned i = 0; i < more_layers; ++i) {
    if (bits.Bits(1) != 0) skipped += kProfileBits;
    if (bits.Bits(1) != 0) skipped += kLevelBits;
  }
  if (more_layers > 0) bits.Skip(2 * std::size_t{8 - more_layers});
  bits.Skip(skipped);
}

// The start of seq_parameter_set_rbsp, section 7.3.2.2.
absl::StatusOr<HevcConfiguration> ReadSps(std::string_view unit) {
  const std::string bytes = Unescape(unit.substr(kNalHeaderBytes));
  BitReader bits(bytes);
  HevcConfiguration found;
  bits.Skip(4);
  const unsigned more_layers = bits.Bits(3);
  bits.Skip(1);
  if (more_layers > 6) return Damaged();
  SkipProfile(bits, more_layers);
  bits.Golomb();  // Its number.
  found.chroma = bits.Golomb();
  if (found.chroma > 3) return Damaged();
  if (found.chroma == 3) bits.Skip(1);
  found.coded_width = bits.Golomb();
  found.coded_height = bits.Golomb();
  std::int64_t left = 0, right = 0, top = 0, bottom = 0;
  if (bits.Bits(1) != 0) {
    left = bits.Golomb();
    right = bits.Golomb();
    top = bits.Golomb();
    bottom = bits.Golomb();
  }
  const std::uint32_t more_luma_bits = bits.Golomb();
  const std::uint32_t more_chroma_bits = bits.Golomb();
  if (!bits.ok()) return Damaged();
  // The window is in chroma samples.
  const int across = found.chroma == 1 || found.chroma == 2 ? 2 : 1;
  const int down = found.chroma == 1 ? 2 : 1;
  found.width = found.coded_width - across * (left + right);
  found.height = found.coded_height - down * (top + bottom);
  RETURN_IF_ERROR(CheckSize(found.coded_width, found.coded_height));
  RETURN_IF_ERROR(CheckSize(found.width, found.height));
  if (more_luma_bits > 8 || more_chroma_bits > 8) return Damaged();
  found.luma_bits = 8 + more_luma_bits;
  return found;
}

bool SameCoding(const HevcConfiguration& a, const HevcConfiguration& b) {
  return a.SameFormat(b) && a.coded_width == b.coded_width &&
         a.coded_height == b.coded_height;
}

// The parameter sets of a record, by type.
class ParameterSets {
 public:
  absl::Status Read(ByteReader& reader) {
    int left = kMaxParameterSets;
    for (unsigned arrays = reader.U8(); arrays > 0; --arrays) {
      const unsigned type = reader.U8() & 0x3f;
      for (unsigned units = reader.U16(); units > 0; --units) {
        const std::string_view unit = reader.Take(reader.U16());
        if (!reader.ok()) return Damaged();
        if (type != kVps && type != kSps && type != kPps) continue;
        if (--left < 0) return Damaged();
        RETURN_IF_ERROR(Add(type, unit));
      }
    }
    return reader.ok() && sps_ ? absl::OkStatus() : Damaged();
  }

  const HevcConfiguration& sps() const { return *sps_; }

  // As arrays, each marked complete.
  std::string Arrays() const {
    std::string arrays;
    AppendBig(arrays,
              std::count_if(counts_.begin(), counts_.end(),
                            [](unsigned count) { return count > 0; }),
              1);
    for (const unsigned type : {kVps, kSps, kPps}) {
      if (counts_[type - kVps] == 0) continue;
      AppendBig(arrays, 0x80 | type, 1);
      AppendBig(arrays, counts_[type - kVps], 2);
      arrays += units_[type - kVps];
    }
    return arrays;
  }

 private:
  absl::Status Add(unsigned type, std::string_view unit) {
    const auto nal = ReadNalHeader(unit);
    if (!nal || nal->type != type) return Damaged();
    if (nal->layer != 0) return absl::OkStatus();
    if (type == kSps) {
      ASSIGN_OR_RETURN(HevcConfiguration sps, ReadSps(unit));
      if (sps_ && !SameCoding(*sps_, sps)) return Damaged();
      sps_ = std::move(sps);
    }
    ++counts_[type - kVps];
    AppendBig(units_[type - kVps], unit.size(), 2);
    units_[type - kVps] += unit;
    return absl::OkStatus();
  }

  std::optional<HevcConfiguration> sps_;
  std::array<unsigned, 3> counts_ = {};
  std::array<std::string, 3> units_;
};

}  // namespace

absl::StatusOr<HevcConfiguration> ReadHevcConfiguration(std::string_view hvcc) {
  if (hvcc.size() > kMaxReadBytes) return Damaged();
  ByteReader reader(hvcc);
  const std::string_view fixed = reader.Take(kFixedBytes);
  if (!reader.ok() || fixed[0] != 1) return Damaged();
  ParameterSets sets;
  RETURN_IF_ERROR(sets.Read(reader));
  HevcConfiguration found = sets.sps();
  const auto at = [fixed](std::size_t i) {
    return static_cast<unsigned char>(fixed[i]);
  };
  // libheif reports these about a picture before it is decoded.
  if ((at(16) & 3u) != found.chroma || (at(17) & 7u) + 8 != found.luma_bits) {
    return Damaged();
  }
  found.length_bytes = (at(kLengthSizeAt) & 3u) + 1;
  if (found.length_bytes == 3) return Damaged();
  found.record = fixed;
  found.record[kLengthSizeAt] = static_cast<char>(at(kLengthSizeAt) | 3);
  found.record += sets.Arrays();
  if (found.record.size() > kMaxRecordBytes) return Damaged();
  return found;
}

absl::StatusOr<HevcPicture> CopyHevcPicture(std::string_view data,
                                            unsigned length_bytes) {
  ByteReader reader(data);
  HevcPicture picture;
  while (reader.left() > 0) {
    const std::string_view unit = reader.Take(reader.Big(length_bytes));
    if (!reader.ok()) return Damaged();
    const auto nal = ReadNalHeader(unit);
    // Units without content are harmless.
    if (!nal || nal->type >= kVps || nal->layer != 0) continue;
    const bool first = (unit[kNalHeaderBytes] & 0x80) != 0;
    if (nal->type < kFirstIntra || nal->type > kLastIntra ||
        first != (picture.slices == 0) || ++picture.slices > kMaxSlices) {
      return Damaged();
    }
    AppendBig(picture.bytes, unit.size(), 4);
    picture.bytes += unit;
  }
  if (picture.slices == 0) return Damaged();
  return picture;
}

}  // namespace pinhole::media
