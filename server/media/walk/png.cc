// SPDX-License-Identifier: Apache-2.0

#include "server/media/walk/png.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "server/media/picture_refusal.h"
#include "server/media/walk/bytes.h"
#include "server/media/walk/colour_profile.h"
#include "server/media/walk/exif_orientation.h"
#include "server/media/walk/inflate.h"

namespace pinhole::media {
namespace {

constexpr std::size_t kSignatureBytes = 8;
// Length, type and checksum.
constexpr std::size_t kChunkFrameBytes = 12;
// Compressed pixels may exceed the pixels by as much as the pixels again, plus
// this for small pictures.  Deflate needs 1/3000 more; the rest is slack for
// poor encoders.  It bounds what a decoder inflates.
constexpr std::uint64_t kSlackBytes = 64 * 1024;

std::uint32_t Checksum(std::string_view bytes) {
  // Of at most 20 MiB and 12 bytes, so the cast keeps the number.
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()),
            static_cast<uInt>(bytes.size())));
}

void AppendChunk(std::string& to, std::string_view type,
                 std::string_view data) {
  AppendBig(to, data.size(), 4);
  const std::size_t start = to.size();
  to += type;
  to += data;
  AppendBig(to, Checksum(std::string_view(to).substr(start)), 4);
}

struct Chunk {
  std::string_view type;
  std::string_view data;   // Shorter than stated if the file is truncated.
  std::string_view whole;  // With length and checksum, unless truncated.
  bool cut_off = false;
  bool intact = false;  // The checksum is correct.
};

// IHDR, section 11.2.1.
struct Header {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  unsigned depth = 0;
  unsigned colour = 0;  // 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA.
  bool interlaced = false;

  bool IsValid(unsigned compression, unsigned filter, unsigned interlace) {
    const bool deep = depth == 8 || depth == 16;
    const bool shallow = depth == 1 || depth == 2 || depth == 4;
    const bool fits = colour == 0 ? deep || shallow
                      : colour == 3
                          ? depth == 8 || shallow
                          : (colour == 2 || colour == 4 || colour == 6) && deep;
    return fits && compression == 0 && filter == 0 && interlace <= 1;
  }

  std::uint64_t BytesOf(std::uint64_t columns, std::uint64_t rows) const {
    constexpr std::array<unsigned, 7> kChannels = {1, 0, 3, 1, 2, 0, 4};
    if (columns == 0 || rows == 0) return 0;
    // A byte names the filter of each row.
    return rows * (1 + (columns * kChannels[colour] * depth + 7) / 8);
  }

  // Size of the inflated pixels.
  std::uint64_t PixelBytes() const {
    if (!interlaced) return BytesOf(width, height);
    struct Pass {
      std::uint32_t x, y, dx, dy;
    };
    // Section 8.1.
    constexpr std::array<Pass, 7> kPasses = {{{0, 0, 8, 8},
                                              {4, 0, 8, 8},
                                              {0, 4, 4, 8},
                                              {2, 0, 4, 4},
                                              {0, 2, 2, 4},
                                              {1, 0, 2, 2},
                                              {0, 1, 1, 2}}};
    std::uint64_t bytes = 0;
    for (const Pass& pass : kPasses) {
      bytes += BytesOf((width + pass.dx - 1 - pass.x) / pass.dx,
                       (height + pass.dy - 1 - pass.y) / pass.dy);
    }
    return bytes;
  }
};

class PngWalk {
 public:
  explicit PngWalk(std::string_view file)
      : file_(file), reader_(file.substr(kSignatureBytes)) {}

  absl::StatusOr<WalkedPicture> Run() {
    picture_.type = PictureType::kPng;
    const auto first = NextChunk();
    if (!first) return Damaged();
    RETURN_IF_ERROR(ReadHeader(*first));
    while (const auto chunk = NextChunk()) {
      if (chunk->type == "IEND" && !chunk->cut_off) {
        ended_ = true;
        break;
      }
      RETURN_IF_ERROR(ReadChunk(*chunk));
    }
    RETURN_IF_ERROR(CheckPixels());
    AppendChunk(picture_.bytes, "IEND", "");
    if (!picture_.profile.empty()) picture_.colour.reset();
    return std::move(picture_);
  }

 private:
  std::optional<Chunk> NextChunk() {
    const std::string_view start = reader_.rest();
    const std::uint32_t length = reader_.U32();
    Chunk chunk;
    chunk.type = reader_.Take(4);
    if (!reader_.ok()) return std::nullopt;
    chunk.cut_off = length > reader_.left();
    chunk.data = reader_.Take(std::min<std::size_t>(length, reader_.left()));
    const std::uint32_t checksum = reader_.U32();
    if (!reader_.ok()) {
      // Pixels without a checksum are treated like truncated ones.
      chunk.cut_off = true;
      return chunk;
    }
    chunk.whole = start.substr(0, kChunkFrameBytes + length);
    chunk.intact =
        Checksum(start.substr(4, 4 + std::size_t{length})) == checksum;
    return chunk;
  }

  absl::Status ReadHeader(const Chunk& chunk) {
    if (chunk.type != "IHDR" || chunk.data.size() != 13 || chunk.cut_off) {
      return Damaged();
    }
    ByteReader reader(chunk.data);
    header_.width = reader.U32();
    header_.height = reader.U32();
    header_.depth = reader.U8();
    header_.colour = reader.U8();
    const unsigned compression = reader.U8();
    const unsigned filter = reader.U8();
    const unsigned interlace = reader.U8();
    header_.interlaced = interlace == 1;
    RETURN_IF_ERROR(CheckSize(header_.width, header_.height));
    if (!chunk.intact || !header_.IsValid(compression, filter, interlace)) {
      return Damaged();
    }
    picture_.width = static_cast<std::int32_t>(header_.width);
    picture_.height = static_cast<std::int32_t>(header_.height);
    head_ = chunk.whole;
    return absl::OkStatus();
  }

  absl::Status ReadChunk(const Chunk& chunk) {
    if (chunk.type == "acTL") return ReadAnimation(chunk.data);
    // A capital letter marks a chunk that no decoder may ignore.
    const bool critical = (chunk.type[0] & 0x20) == 0;
    if (!critical) {
      if (chunk.intact) ReadAncillary(chunk);
      return absl::OkStatus();
    }
    if (chunk.type == "IDAT") return ReadPixels(chunk);
    if (!chunk.intact) return chunk.cut_off ? absl::OkStatus() : Damaged();
    if (chunk.type == "PLTE") return ReadPalette(chunk.data);
    return Damaged();
  }

  static absl::Status ReadAnimation(std::string_view data) {
    return ByteReader(data).U32() > 1 ? MultipleFrames() : absl::OkStatus();
  }

  absl::Status ReadPixels(const Chunk& chunk) {
    if (!chunk.cut_off && !chunk.intact) return Damaged();
    if (chunk.data.empty()) return absl::OkStatus();
    if (pixel_bytes_ == 0) {
      if (header_.colour == 3 && palette_.empty()) return Damaged();
      WriteHead();
    }
    pixel_bytes_ += chunk.data.size();
    if (chunk.cut_off) {
      AppendChunk(picture_.bytes, "IDAT", chunk.data);
    } else {
      picture_.bytes += chunk.whole;
    }
    return absl::OkStatus();
  }

  void WriteHead() {
    std::string& out = picture_.bytes;
    out.reserve(file_.size() + kChunkFrameBytes);
    out = file_.substr(0, kSignatureBytes);
    out += head_;
    if (!palette_.empty()) AppendChunk(out, "PLTE", palette_);
    if (!transparency_.empty()) AppendChunk(out, "tRNS", transparency_);
    pixels_at_ = out.size();
  }

  absl::Status ReadPalette(std::string_view data) {
    if (header_.colour != 3) return absl::OkStatus();  // Only a suggestion.
    if (!palette_.empty() || pixel_bytes_ > 0 || data.empty() ||
        data.size() % 3 != 0) {
      return Damaged();
    }
    palette_ = data.substr(0, 3 * (std::size_t{1} << header_.depth));
    return absl::OkStatus();
  }

  void ReadAncillary(const Chunk& chunk) {
    if (chunk.type == "eXIf" && !exif_) {
      exif_ = true;
      picture_.orientation = ExifOrientation(chunk.data);
    }
    if (pixel_bytes_ > 0) return;  // Metadata counts only before the pixels.
    if (chunk.type == "tRNS") ReadTransparency(chunk.data);
    if (chunk.type == "iCCP") ReadProfile(chunk.data);
    if (chunk.type == "cICP" && chunk.data.size() == 4) {
      ByteReader reader(chunk.data);
      picture_.colour = ColourCode{.primaries = reader.U8(),
                                   .transfer = reader.U8(),
                                   .matrix = reader.U8(),
                                   .full_range = reader.U8() != 0};
    }
  }

  void ReadTransparency(std::string_view data) {
    if ((header_.colour == 0 && data.size() == 2) ||
        (header_.colour == 2 && data.size() == 6)) {
      transparency_ = data;
    }
    // One value for each colour of the palette, which precedes it.
    if (header_.colour == 3) {
      transparency_ = data.substr(0, palette_.size() / 3);
    }
  }

  // Section 11.3.2.3: a name, a zero, the method (0), a zlib stream.
  void ReadProfile(std::string_view data) {
    const std::size_t name = data.substr(0, 80).find('\0');
    if (name == std::string_view::npos || name + 2 > data.size() ||
        data[name + 1] != 0) {
      return;
    }
    std::string_view stream = data.substr(name + 2);
    Inflater inflater;
    std::string profile;
    inflater.Append(stream, 4, profile);
    const std::uint32_t size = ByteReader(profile).U32();
    if (size <= 4 || size > kMaxProfileBytes) return;
    inflater.Append(stream, size - 4, profile);
    picture_.profile = PlausibleProfile(profile);
  }

  absl::Status CheckPixels() {
    if (pixel_bytes_ == 0) return Damaged();
    const std::uint64_t wanted = header_.PixelBytes();
    if (pixel_bytes_ > 2 * wanted + kSlackBytes) return Damaged();
    if (ended_) return absl::OkStatus();
    ByteReader chunks(std::string_view(picture_.bytes).substr(pixels_at_));
    Inflater inflater;
    std::uint64_t found = 0;
    while (chunks.left() > 0 && found < wanted) {
      const std::uint32_t length = chunks.U32();
      chunks.Skip(4);
      std::string_view data = chunks.Take(length);
      chunks.Skip(4);
      found += inflater.Count(data, wanted - found);
    }
    return found >= wanted ? absl::OkStatus() : Damaged();
  }

  const std::string_view file_;
  ByteReader reader_;
  Header header_;
  WalkedPicture picture_;
  std::string_view head_;
  std::string_view palette_;
  std::string_view transparency_;
  std::uint64_t pixel_bytes_ = 0;
  std::size_t pixels_at_ = 0;  // Offset of the IDATs in the new file.
  bool exif_ = false;
  bool ended_ = false;
};

}  // namespace

absl::StatusOr<WalkedPicture> WalkPng(std::string_view file) {
  return PngWalk(file).Run();
}

}  // namespace pinhole::media
