// SPDX-License-Identifier: Apache-2.0

#include "server/media/walk/webp.h"

#include <algorithm>
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

namespace pinhole::media {
namespace {

// "RIFF", a length and "WEBP".
constexpr std::size_t kHeaderBytes = 12;
constexpr std::uint64_t kAlphaFlag = 0x10;

struct Size {
  std::int64_t width = 0;
  std::int64_t height = 0;

  bool operator==(const Size&) const = default;
};

struct Chunk {
  std::string_view type;
  std::string_view data;
  bool cut_off = false;
};

// RFC 9649, section 2.3: type, length, data, a byte if the length is odd.
std::optional<Chunk> NextChunk(ByteReader& reader) {
  Chunk chunk;
  chunk.type = reader.Take(4);
  const std::uint64_t length = reader.Little(4);
  if (!reader.ok()) return std::nullopt;
  chunk.cut_off = length > reader.left();
  chunk.data = reader.Take(std::min<std::uint64_t>(length, reader.left()));
  if (length % 2 == 1 && reader.left() > 0) reader.Skip(1);
  return chunk;
}

void AppendChunk(std::string& to, std::string_view type,
                 std::string_view data) {
  to += type;
  AppendLittle(to, data.size(), 4);
  to += data;
  if (data.size() % 2 == 1) to += '\0';
}

// RFC 6386, section 9.1: a key frame that is shown, a start code, 14 bits each.
std::optional<Size> LossySize(std::string_view data) {
  ByteReader reader(data);
  const std::uint64_t tag = reader.Little(3);
  const std::uint64_t start = reader.Big(3);
  const std::uint64_t width = reader.Little(2) & 0x3fff;
  const std::uint64_t height = reader.Little(2) & 0x3fff;
  if (!reader.ok() || (tag & 1) != 0 || start != 0x9d012a) return std::nullopt;
  return Size{static_cast<std::int64_t>(width),
              static_cast<std::int64_t>(height)};
}

// RFC 9649, section 3.4: a signature, 14 bits each, transparency, version 0.
std::optional<Size> LosslessSize(std::string_view data) {
  ByteReader reader(data);
  const std::uint64_t signature = reader.Big(1);
  const std::uint64_t bits = reader.Little(4);
  if (!reader.ok() || signature != 0x2f || bits >> 29 != 0) {
    return std::nullopt;
  }
  return Size{static_cast<std::int64_t>(bits & 0x3fff) + 1,
              static_cast<std::int64_t>(bits >> 14 & 0x3fff) + 1};
}

// The chunks of one picture: of a file, or of a frame of an animation.
class Still {
 public:
  void Add(const Chunk& chunk) {
    if (!pixels_.type.empty()) return;
    if (chunk.type == "ALPH") alpha_ = chunk;
    if (chunk.type == "VP8 " || chunk.type == "VP8L") pixels_ = chunk;
  }

  // Returns the size, once all of the picture has been found.
  absl::StatusOr<Size> Check() const {
    if (pixels_.type.empty() || pixels_.cut_off) return Damaged();
    if (HasAlpha() && alpha_.cut_off) return Damaged();
    const auto size = pixels_.type == "VP8L" ? LosslessSize(pixels_.data)
                                             : LossySize(pixels_.data);
    if (!size) return Damaged();
    RETURN_IF_ERROR(CheckSize(size->width, size->height));
    return *size;
  }

  std::string Write(const Size& size) const {
    std::string out;
    out.reserve(pixels_.data.size() + alpha_.data.size() + 64);
    out = "RIFF....WEBP";
    if (HasAlpha()) {
      std::string extended;
      AppendLittle(extended, kAlphaFlag, 4);
      AppendLittle(extended, static_cast<std::uint64_t>(size.width - 1), 3);
      AppendLittle(extended, static_cast<std::uint64_t>(size.height - 1), 3);
      AppendChunk(out, "VP8X", extended);
      AppendChunk(out, "ALPH", alpha_.data);
    }
    AppendChunk(out, pixels_.type, pixels_.data);
    std::string length;
    AppendLittle(length, out.size() - 8, 4);
    return out.replace(4, 4, length);
  }

 private:
  // VP8L contains its own transparency.
  bool HasAlpha() const {
    return pixels_.type == "VP8 " && !alpha_.type.empty();
  }

  Chunk alpha_;
  Chunk pixels_;
};

class WebpWalk {
 public:
  absl::StatusOr<WalkedPicture> Run(std::string_view file) {
    ByteReader reader(file.substr(kHeaderBytes));
    while (const auto chunk = NextChunk(reader)) {
      RETURN_IF_ERROR(ReadChunk(*chunk));
    }
    const Still& still = frame_ ? *frame_ : still_;
    ASSIGN_OR_RETURN(const Size size, still.Check());
    if (frame_ ? size != frame_size_ : canvas_ && size != *canvas_) {
      return Damaged();
    }
    picture_.type = PictureType::kWebp;
    picture_.width = static_cast<std::int32_t>(size.width);
    picture_.height = static_cast<std::int32_t>(size.height);
    picture_.bytes = still.Write(size);
    return std::move(picture_);
  }

 private:
  absl::Status ReadChunk(const Chunk& chunk) {
    if (chunk.type == "ANMF") {
      if (frame_) return MultipleFrames();
      return ReadFrame(chunk);
    }
    if (chunk.type == "VP8X" && !canvas_) return ReadCanvas(chunk.data);
    still_.Add(chunk);
    if (chunk.cut_off) return absl::OkStatus();
    if (chunk.type == "ICCP" && picture_.profile.empty()) {
      picture_.profile = PlausibleProfile(chunk.data);
    }
    if (chunk.type == "EXIF" && !exif_) {
      exif_ = true;
      picture_.orientation = ExifOrientation(chunk.data);
    }
    return absl::OkStatus();
  }

  absl::Status ReadCanvas(std::string_view data) {
    ByteReader reader(data);
    reader.Skip(4);
    canvas_ = ReadSize(reader);
    if (!reader.ok()) return Damaged();
    return CheckSize(canvas_->width, canvas_->height);
  }

  // Section 2.7.1.1: the position in units of two pixels, the size, the
  // duration, flags, then the chunks of a picture.
  absl::Status ReadFrame(const Chunk& chunk) {
    ByteReader reader(chunk.data);
    const auto x = 2 * static_cast<std::int64_t>(reader.Little(3));
    const auto y = 2 * static_cast<std::int64_t>(reader.Little(3));
    frame_size_ = ReadSize(reader);
    reader.Skip(4);
    if (!reader.ok() || !canvas_ || x + frame_size_.width > canvas_->width ||
        y + frame_size_.height > canvas_->height) {
      return Damaged();
    }
    frame_.emplace();
    while (const auto part = NextChunk(reader)) frame_->Add(*part);
    return absl::OkStatus();
  }

  static Size ReadSize(ByteReader& reader) {
    const auto width = static_cast<std::int64_t>(reader.Little(3)) + 1;
    const auto height = static_cast<std::int64_t>(reader.Little(3)) + 1;
    return {width, height};
  }

  WalkedPicture picture_;
  std::optional<Size> canvas_;
  Still still_;
  std::optional<Still> frame_;  // Of an animation.
  Size frame_size_;
  bool exif_ = false;
};

}  // namespace

absl::StatusOr<WalkedPicture> WalkWebp(std::string_view file) {
  return WebpWalk().Run(file);
}

}  // namespace pinhole::media
