// SPDX-License-Identifier: Apache-2.0

// What the walk through a picture file keeps of any bytes is walked through
// again without a change, is within the limits, and has no part that is not on
// the list of its format.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.h"
#include "server/media/walk/bytes.h"
#include "server/media/walk/colour_profile.h"
#include "server/media/walk/heif_file.h"
#include "server/media/walk/walk_picture.h"
#include "server/model/limits.h"
#include "tests/fuzz/fuzz.h"

namespace pinhole::media {
namespace {

using gateway::Expect;

// The parts of a file, by the names that its format has for them.
using Parts = std::vector<std::string>;

Parts JpegParts(std::string_view file) {
  ByteReader reader(file);
  Parts parts;
  while (reader.left() > 0) {
    if (reader.U8() != 0xff) continue;  // Data of a scan.
    const unsigned marker = reader.U8();
    if (marker == 0 || (marker >= 0xd0 && marker <= 0xd7)) continue;
    if (marker == 0xff) continue;
    parts.push_back(std::to_string(marker));
    if (marker == 0xd8 || marker == 0xd9) continue;
    reader.Skip(reader.U16() - std::size_t{2});
  }
  Expect(reader.ok(), "no segment is cut off");
  return parts;
}

Parts PngParts(std::string_view file) {
  ByteReader reader(file.substr(8));
  Parts parts;
  while (reader.left() > 0) {
    const std::uint32_t length = reader.U32();
    parts.emplace_back(reader.Take(4));
    reader.Skip(std::size_t{length} + 4);
  }
  Expect(reader.ok(), "no chunk is cut off");
  return parts;
}

Parts WebpParts(std::string_view file) {
  ByteReader reader(file);
  reader.Skip(4);
  Expect(reader.Little(4) == file.size() - 8, "RIFF states the length");
  reader.Skip(4);
  Parts parts;
  while (reader.left() > 0) {
    parts.emplace_back(reader.Take(4));
    const std::uint64_t length = reader.Little(4);
    reader.Skip(length + length % 2);
  }
  Expect(reader.ok(), "no chunk is cut off");
  return parts;
}

Parts HeicParts(std::string_view file) {
  const auto heif = HeifFile::Read(file);
  Expect(heif.ok(), "the boxes are read again");
  Parts parts;
  for (const auto& [id, item] : heif->items()) {
    parts.emplace_back(item.type);
    for (const HeifBox& box : item.properties) parts.emplace_back(box.type);
    for (const auto& [type, to] : item.references) parts.emplace_back(type);
  }
  return parts;
}

void ExpectOnly(const Parts& parts, const std::vector<std::string>& allowed) {
  for (const std::string& part : parts) {
    Expect(std::find(allowed.begin(), allowed.end(), part) != allowed.end(),
           "parts are on the list", part);
  }
}

void ExpectAllowedParts(const WalkedPicture& walked) {
  switch (walked.type) {
    case PictureType::kJpeg:
      // SOFs, DHT, DAC, SOI, EOI, SOS, DQT, DRI, APP0, APP14.
      ExpectOnly(JpegParts(walked.bytes),
                 {"192", "193", "194", "201", "202", "196", "204", "216", "217",
                  "218", "219", "221", "224", "238"});
      break;
    case PictureType::kPng:
      ExpectOnly(PngParts(walked.bytes),
                 {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"});
      break;
    case PictureType::kWebp:
      ExpectOnly(WebpParts(walked.bytes), {"VP8X", "ALPH", "VP8 ", "VP8L"});
      break;
    case PictureType::kHeic:
      ExpectOnly(
          HeicParts(walked.bytes),
          {"hvc1", "grid", "iden", "iovl", "ispe", "hvcC", "colr", "pixi",
           "irot", "imir", "clap", "auxC", "dimg", "auxl", "prem"});
      break;
  }
}

void Check(std::string_view file) {
  const auto walked = WalkPicture(file);
  if (!walked.ok()) {
    Expect(ReasonOf(walked.status()).has_value(), "a refusal has a reason",
           walked.status().ToString());
    return;
  }
  Expect(walked->width >= 1 && walked->width <= limits::kMaxPhotoSide &&
             walked->height >= 1 && walked->height <= limits::kMaxPhotoSide &&
             std::int64_t{walked->width} * walked->height <=
                 limits::kMaxPhotoPixels,
         "sizes are within the limits");
  Expect(walked->orientation >= 1 && walked->orientation <= 8,
         "there are eight orientations");
  Expect(walked->profile.empty() ||
             PlausibleProfile(walked->profile) == walked->profile,
         "a profile is plausible");
  Expect(walked->profile.empty() || !walked->colour,
         "there is a profile or there are numbers");
  Expect(walked->bytes.size() <= 2 * file.size() + 1024,
         "a file does not grow much");
  ExpectAllowedParts(*walked);
  const auto again = WalkPicture(walked->bytes);
  Expect(again.ok(), "what is kept is accepted again",
         again.status().ToString());
  Expect(again->bytes == walked->bytes, "what is kept is kept again");
  Expect(again->width == walked->width && again->height == walked->height,
         "the size is the same again");
}

}  // namespace
}  // namespace pinhole::media

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pinhole::media::Check(pinhole::gateway::Text(data, size));
  return 0;
}
