// SPDX-License-Identifier: Apache-2.0

#include "server/media/structure.h"

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "server/base/status_macros.h"

namespace pinhole::media {
namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;

// Walks forward through a file.  Once it is past the end or the disk fails,
// every answer is nullopt; `status` tells which of the two.
class Walk {
 public:
  Walk(File& file, std::int64_t size) : file_(file), size_(size) {}

  std::optional<unsigned> Byte() {
    if (used_ == block_.size() && !Fill()) return std::nullopt;
    return static_cast<unsigned char>(block_[used_++]);
  }

  std::optional<std::uint32_t> BigEndian(int bytes) {
    std::uint32_t number = 0;
    for (int i = 0; i < bytes; ++i) {
      const auto byte = Byte();
      if (!byte) return std::nullopt;
      number = number << 8 | *byte;
    }
    return number;
  }

  std::optional<std::string> Text(int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) {
      const auto byte = Byte();
      if (!byte) return std::nullopt;
      text += static_cast<char>(*byte);
    }
    return text;
  }

  // Whether the bytes to skip are all there.
  bool Skip(std::int64_t bytes) {
    const std::int64_t target = position() + bytes;
    if (bytes < 0 || target > size_) return false;
    if (bytes <= static_cast<std::int64_t>(block_.size() - used_)) {
      used_ += static_cast<std::size_t>(bytes);
      return true;
    }
    status_ = file_.Seek(target);
    block_.clear();
    used_ = 0;
    block_end_ = target;
    return status_.ok();
  }

  // The CRC-32 of the next bytes, going on from `crc`.
  std::optional<std::uint32_t> Checksum(std::uint32_t crc, std::int64_t bytes) {
    while (bytes > 0) {
      if (used_ == block_.size() && !Fill()) return std::nullopt;
      const auto part = std::min<std::int64_t>(
          bytes, static_cast<std::int64_t>(block_.size() - used_));
      crc = Crc32(crc, std::string_view(block_).substr(
                           used_, static_cast<std::size_t>(part)));
      used_ += static_cast<std::size_t>(part);
      bytes -= part;
    }
    return crc;
  }

  static std::uint32_t Crc32(std::uint32_t crc, std::string_view bytes) {
    return static_cast<std::uint32_t>(
        crc32(crc, reinterpret_cast<const Bytef*>(bytes.data()),
              static_cast<uInt>(bytes.size())));
  }

  std::int64_t position() const {
    return block_end_ - static_cast<std::int64_t>(block_.size() - used_);
  }
  std::int64_t left() const { return size_ - position(); }
  const absl::Status& status() const { return status_; }

 private:
  bool Fill() {
    if (!status_.ok()) return false;
    absl::StatusOr<std::string> block = file_.Read(kBlockBytes);
    status_ = block.status();
    if (!status_.ok() || block->empty()) return false;
    block_ = *std::move(block);
    used_ = 0;
    block_end_ += static_cast<std::int64_t>(block_.size());
    return true;
  }

  File& file_;
  const std::int64_t size_;
  std::string block_;
  std::size_t used_ = 0;
  std::int64_t block_end_ = 0;
  absl::Status status_;
};

bool IsStartOfFrame(unsigned marker) {
  // 0xc4, 0xc8 and 0xcc in that range are tables and extensions.
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
         marker != 0xcc;
}

// The next marker, past entropy-coded data if there is any.
std::optional<unsigned> NextMarker(Walk& walk) {
  auto byte = walk.Byte();
  while (byte) {
    while (byte && *byte != 0xff) byte = walk.Byte();
    while (byte && *byte == 0xff) byte = walk.Byte();
    const bool is_data =
        byte && (*byte == 0 || (*byte >= 0xd0 && *byte <= 0xd7));
    if (!is_data) return byte;
    byte = walk.Byte();
  }
  return std::nullopt;
}

// JPEG: markers of 0xff and a code, most with a length.  What follows the end
// marker (the gain maps of telephones) is not looked at.
Structure Jpeg(Walk& walk) {
  Structure found;
  if (walk.BigEndian(2) != 0xffd8U) return found;
  while (const auto marker = NextMarker(walk)) {
    if (*marker == 0xd9) {
      found.complete = found.scans > 0 && found.width > 0;
      return found;
    }
    const auto length = walk.BigEndian(2);
    if (!length || *length < 2) return found;
    std::int64_t rest = *length - 2;
    if (IsStartOfFrame(*marker) && rest >= 5) {
      walk.Byte();
      const auto height = walk.BigEndian(2);
      const auto width = walk.BigEndian(2);
      if (!height || !width) return found;
      found.height = *height;
      found.width = *width;
      rest -= 5;
    }
    if (*marker == 0xda) ++found.scans;
    if (!walk.Skip(rest)) return found;
  }
  return found;
}

std::int64_t BigEndian32(std::string_view bytes) {
  std::int64_t number = 0;
  for (const char byte : bytes.substr(0, 4)) {
    number = number << 8 | static_cast<unsigned char>(byte);
  }
  return number;
}

// PNG: chunks of length, type, data and checksum, the first IHDR, the last
// IEND. Decoders stop at the last pixel and so miss wrong checksums of pixels.
Structure Png(Walk& walk) {
  Structure found;
  if (!walk.Skip(8)) return found;
  while (const auto length = walk.BigEndian(4)) {
    const auto type = walk.Text(4);
    if (!type) return found;
    const std::string start = type == "IHDR" ? walk.Text(8).value_or("") : "";
    if (start.size() == 8) {
      found.width = BigEndian32(start);
      found.height = BigEndian32(std::string_view(start).substr(4));
    }
    const auto actual = walk.Checksum(
        Walk::Crc32(0, *type + start),
        std::int64_t{*length} - static_cast<std::int64_t>(start.size()));
    const auto stated = walk.BigEndian(4);
    if (!actual || !stated) return found;
    // A capital letter is a part that no decoder may ignore; of the others,
    // careless programs get checksums wrong.
    const bool critical = ((*type)[0] & 0x20) == 0;
    if (critical && actual != stated) return found;
    if (type == "acTL") found.moving = true;
    if (type == "IEND") {
      found.complete = true;
      return found;
    }
  }
  return found;
}

// WebP: a RIFF file, of one chunk or of an extended header that has flags.
Structure Webp(Walk& walk) {
  Structure found;
  const auto riff = walk.Text(4);
  const auto size_bytes = walk.Text(4);
  const auto type = walk.Text(8);
  if (!riff || !size_bytes || !type) return found;
  std::int64_t size = 0;
  for (int i = 3; i >= 0; --i) {
    size = size << 8 | static_cast<unsigned char>((*size_bytes)[i]);
  }
  found.complete = size - 8 <= walk.left();
  if (type == "WEBPVP8X" && walk.Skip(4)) {
    constexpr unsigned kAnimation = 0x02;
    const auto flags = walk.Byte();
    found.moving = flags && (*flags & kAnimation) != 0;
  }
  return found;
}

// HEIC: boxes of length, type and data.  A length of 0 is "to the end", of 1
// "64 bits of length follow".
Structure Heic(Walk& walk) {
  Structure found;
  while (walk.left() > 0) {
    const auto short_length = walk.BigEndian(4);
    const auto type = walk.Text(4);
    if (!short_length || !type) return found;
    std::int64_t rest = std::int64_t{*short_length} - 8;
    if (*short_length == 0) rest = walk.left();
    if (*short_length == 1) {
      const auto high = walk.BigEndian(4);
      const auto low = walk.BigEndian(4);
      if (!high || !low || *high != 0) return found;
      rest = std::int64_t{*low} - 16;
    }
    if (type == "ftyp" && rest >= 4) {
      const auto brand = walk.Text(4);
      found.moving = brand == "msf1" || brand == "hevc" || brand == "hevx";
      rest -= 4;
    }
    if (!walk.Skip(rest)) return found;
  }
  found.complete = true;
  return found;
}

}  // namespace

absl::StatusOr<Structure> ReadStructure(File& file,
                                        std::string_view content_type) {
  ASSIGN_OR_RETURN(const std::int64_t size, file.SizeBytes());
  RETURN_IF_ERROR(file.Seek(0));
  Walk walk(file, size);
  const Structure structure = content_type == "image/jpeg"   ? Jpeg(walk)
                              : content_type == "image/png"  ? Png(walk)
                              : content_type == "image/webp" ? Webp(walk)
                                                             : Heic(walk);
  RETURN_IF_ERROR(walk.status());
  return structure;
}

}  // namespace pinhole::media
