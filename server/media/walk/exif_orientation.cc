// SPDX-License-Identifier: Apache-2.0

#include "server/media/walk/exif_orientation.h"

#include <cstddef>
#include <cstdint>

#include "server/media/walk/bytes.h"

namespace pinhole::media {
namespace {

using namespace std::literals::string_view_literals;

// TIFF 6.0, section 2.
constexpr std::uint64_t kMagic = 42;
constexpr std::uint64_t kOrientation = 0x0112;
constexpr std::uint64_t kShort = 3;

class TiffReader {
 public:
  TiffReader(std::string_view bytes, bool big) : reader_(bytes), big_(big) {}

  std::uint64_t Number(std::size_t bytes) {
    return big_ ? reader_.Big(bytes) : reader_.Little(bytes);
  }
  void Skip(std::uint64_t bytes) { reader_.Skip(bytes); }
  bool ok() const { return reader_.ok(); }

 private:
  ByteReader reader_;
  const bool big_;
};

int InDirectory(TiffReader tiff) {
  const std::uint64_t entries = tiff.Number(2);
  for (std::uint64_t i = 0; i < entries && tiff.ok(); ++i) {
    const std::uint64_t tag = tiff.Number(2);
    const std::uint64_t type = tiff.Number(2);
    const std::uint64_t count = tiff.Number(4);
    const std::uint64_t value = tiff.Number(2);
    tiff.Skip(2);
    if (tag != kOrientation) continue;
    const bool valid =
        tiff.ok() && type == kShort && count == 1 && value >= 1 && value <= 8;
    return valid ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace

int ExifOrientation(std::string_view exif) {
  if (exif.substr(0, 6) == "Exif\0\0"sv) exif.remove_prefix(6);
  const std::string_view order = exif.substr(0, 2);
  if (order != "II" && order != "MM") return 1;
  const bool big = order == "MM";
  TiffReader header(exif.substr(2), big);
  const std::uint64_t magic = header.Number(2);
  const std::uint64_t offset = header.Number(4);
  if (!header.ok() || magic != kMagic || offset > exif.size()) return 1;
  return InDirectory(TiffReader(exif.substr(offset), big));
}

}  // namespace pinhole::media
