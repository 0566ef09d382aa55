// SPDX-License-Identifier: Apache-2.0

#include "server/media/walk/heif_geometry.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "base/status_macros.h"
#include "server/media/picture_refusal.h"
#include "server/media/walk/bytes.h"

namespace pinhole::media {
namespace {

// A number of a clap box.  Encoders write denominators of 1 and 2; the limits
// keep all sums below within 64 bits, and within the 32 of libheif.
struct Fraction {
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;

  bool IsSane() const {
    constexpr std::int64_t kMaxNumerator = 1'000'000;
    constexpr std::int64_t kMaxDenominator = 100;
    return denominator >= 1 && denominator <= kMaxDenominator &&
           numerator >= -kMaxNumerator && numerator <= kMaxNumerator;
  }
};

Fraction ReadFraction(ByteReader& reader) {
  const auto numerator = static_cast<std::int32_t>(reader.U32());
  const auto denominator = static_cast<std::int32_t>(reader.U32());
  return {numerator, denominator};
}

std::int64_t FloorDivide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// What is left of a side of `length` pixels, as libheif computes it: from
//   floor(offset + (length - 1) / 2 - (aperture - 1) / 2)
// on, round(aperture) pixels, as far as the picture has them; none if not.
std::int64_t CropSide(std::int64_t length, Fraction aperture, Fraction offset) {
  const std::int64_t a = aperture.denominator;
  const std::int64_t o = offset.denominator;
  const std::int64_t first = FloorDivide(
      2 * offset.numerator * a + length * a * o - aperture.numerator * o,
      2 * a * o);
  const std::int64_t count = FloorDivide(2 * aperture.numerator + a, 2 * a);
  const std::int64_t last = first + count - 1;
  return std::min(last, length - 1) - std::max<std::int64_t>(first, 0) + 1;
}

absl::StatusOr<HeifSize> Crop(std::string_view clap, HeifSize size) {
  ByteReader reader(clap);
  const Fraction width = ReadFraction(reader);
  const Fraction height = ReadFraction(reader);
  const Fraction across = ReadFraction(reader);
  const Fraction down = ReadFraction(reader);
  if (!reader.ok() || !width.IsSane() || !height.IsSane() || !across.IsSane() ||
      !down.IsSane()) {
    return Damaged();
  }
  const HeifSize cropped = {CropSide(size.width, width, across),
                            CropSide(size.height, height, down)};
  if (cropped.width < 1 || cropped.height < 1) return Damaged();
  return cropped;
}

// A signed number; any that lies on a canvas fits into two bytes.
std::int64_t ReadOffset(ByteReader& reader, bool wide) {
  return wide ? static_cast<std::int64_t>(
                    static_cast<std::int32_t>(reader.U32()))
              : static_cast<std::int64_t>(
                    static_cast<std::int16_t>(reader.U16()));
}

}  // namespace

absl::StatusOr<HeifSize> ReadSpatialExtents(const HeifItem& item) {
  const auto ispe = item.Property("ispe");
  if (!ispe) return Damaged();
  ByteReader reader(*ispe);
  reader.Skip(4);
  HeifSize size;
  size.width = reader.U32();
  size.height = reader.U32();
  if (!reader.ok()) return Damaged();
  RETURN_IF_ERROR(CheckSize(size.width, size.height));
  return size;
}

absl::StatusOr<HeifSize> ApplyTransforms(
    const HeifItem& item, HeifSize size,
    std::vector<NewHeifItem::Property>& properties) {
  std::set<std::string_view> seen;
  for (const HeifBox& box : item.properties) {
    const bool turn = box.type == "irot";
    const bool crop = box.type == "clap";
    if (!turn && !crop && box.type != "imir") continue;
    const std::size_t bytes = crop ? 32 : 1;
    if (!seen.insert(box.type).second || box.body.size() < bytes) {
      return Damaged();
    }
    std::string body(box.body.substr(0, bytes));
    if (crop) {
      ASSIGN_OR_RETURN(size, Crop(body, size));
    } else {
      body[0] = static_cast<char>(body[0] & (turn ? 3 : 1));
      if (turn && (body[0] & 1) != 0) std::swap(size.width, size.height);
    }
    properties.push_back({MakeHeifBox(box.type, body), true});
  }
  return size;
}

absl::StatusOr<HeifGrid> ReadGrid(std::string_view data) {
  ByteReader reader(data);
  const unsigned version = reader.U8();
  const std::size_t bytes = (reader.U8() & 1) != 0 ? 4 : 2;
  HeifGrid grid;
  grid.rows = reader.U8() + std::size_t{1};
  grid.columns = reader.U8() + std::size_t{1};
  grid.size.width = static_cast<std::int64_t>(reader.Big(bytes));
  grid.size.height = static_cast<std::int64_t>(reader.Big(bytes));
  if (!reader.ok() || version != 0) return Damaged();
  RETURN_IF_ERROR(CheckSize(grid.size.width, grid.size.height));
  return grid;
}

bool HeifGrid::IsCoveredBy(HeifSize tile) const {
  const auto covers = [](std::int64_t count, std::int64_t step,
                         std::int64_t length) {
    return count * step >= length && (count - 1) * step < length;
  };
  return covers(static_cast<std::int64_t>(columns), tile.width, size.width) &&
         covers(static_cast<std::int64_t>(rows), tile.height, size.height);
}

std::string HeifGrid::Write() const {
  std::string data(2, '\0');
  AppendBig(data, rows - 1, 1);
  AppendBig(data, columns - 1, 1);
  AppendBig(data, static_cast<std::uint64_t>(size.width), 2);
  AppendBig(data, static_cast<std::uint64_t>(size.height), 2);
  return data;
}

absl::StatusOr<HeifOverlay> ReadOverlay(std::string_view data,
                                        std::size_t layers) {
  ByteReader reader(data);
  const unsigned version = reader.U8();
  const bool wide = (reader.U8() & 1) != 0;
  HeifOverlay overlay;
  overlay.fill = reader.Take(8);
  overlay.size.width = static_cast<std::int64_t>(reader.Big(wide ? 4 : 2));
  overlay.size.height = static_cast<std::int64_t>(reader.Big(wide ? 4 : 2));
  for (std::size_t i = 0; i < layers && reader.ok(); ++i) {
    const std::int64_t x = ReadOffset(reader, wide);
    const std::int64_t y = ReadOffset(reader, wide);
    overlay.offsets.push_back({x, y});
  }
  if (!reader.ok() || version != 0) return Damaged();
  RETURN_IF_ERROR(CheckSize(overlay.size.width, overlay.size.height));
  return overlay;
}

bool HeifOverlay::Shows(const Offset& offset, HeifSize layer) const {
  return offset.x > -layer.width && offset.x < size.width &&
         offset.y > -layer.height && offset.y < size.height;
}

std::string HeifOverlay::Write() const {
  std::string data(2, '\0');
  data += fill;
  AppendBig(data, static_cast<std::uint64_t>(size.width), 2);
  AppendBig(data, static_cast<std::uint64_t>(size.height), 2);
  for (const Offset& offset : offsets) {
    AppendBig(data, static_cast<std::uint64_t>(offset.x), 2);
    AppendBig(data, static_cast<std::uint64_t>(offset.y), 2);
  }
  return data;
}

}  // namespace pinhole::media
