// SPDX-License-Identifier: Apache-2.0

#include "server/media/walk/heic.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "server/media/picture_refusal.h"
#include "server/media/walk/bytes.h"
#include "server/media/walk/colour_profile.h"
#include "server/media/walk/heif_file.h"
#include "server/media/walk/heif_geometry.h"
#include "server/media/walk/hevc.h"
#include "server/model/limits.h"

namespace pinhole::media {
namespace {

using namespace std::literals::string_view_literals;

// Nesting of derived items: a crop of an overlay of grids of tiles.
constexpr int kMaxDepth = 4;
// Maximum of pixels that a decoder may have to allocate and fill for a picture,
// counted again each time an item is used: the tiles, the grid made of them,
// and as much again for tiles beyond the edge and for layers.
constexpr std::int64_t kMaxPixels = 4 * limits::kMaxPhotoPixels;
// A slice may decode to the end of the picture, whatever the next one does.
constexpr std::int64_t kMaxSlicePixels = 16 * limits::kMaxPhotoPixels;

// The colour of an item, from its own colr boxes.
struct Colour {
  std::string_view profile;
  std::optional<ColourCode> code;
};

// ISO/IEC 14496-12, 12.1.5.
Colour ReadColour(const HeifItem& item) {
  Colour colour;
  for (const HeifBox& box : item.properties) {
    if (box.type != "colr") continue;
    ByteReader reader(box.body);
    const std::string_view type = reader.Take(4);
    if (type == "prof" || type == "rICC") {
      if (colour.profile.empty()) {
        colour.profile = PlausibleProfile(reader.rest());
      }
    } else if (type == "nclx" && !colour.code) {
      const ColourCode code = {.primaries = reader.U16(),
                               .transfer = reader.U16(),
                               .matrix = reader.U16(),
                               .full_range = (reader.U8() & 0x80) != 0};
      if (reader.ok()) colour.code = code;
    }
  }
  return colour;
}

std::string ColourBox(const ColourCode& code) {
  std::string body = "nclx";
  AppendBig(body, static_cast<std::uint64_t>(code.primaries), 2);
  AppendBig(body, static_cast<std::uint64_t>(code.transfer), 2);
  AppendBig(body, static_cast<std::uint64_t>(code.matrix), 2);
  AppendBig(body, code.full_range ? 0x80 : 0, 1);
  return MakeHeifBox("colr", body);
}

bool IsTransparency(const HeifItem& item) {
  constexpr std::array<std::string_view, 3> kNames = {
      "urn:mpeg:hevc:2015:auxid:1", "urn:mpeg:avc:2015:auxid:1",
      "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"};
  const auto type = item.Property("auxC");
  if (!type || type->size() < 4) return false;
  const std::string_view name = type->substr(4, type->find('\0', 4) - 4);
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// What is known about a copied item.
struct Copied {
  std::uint32_t id = 0;  // In the new file.
  bool complete = false;
  HeifSize size;  // After its transforms.
  // For HEVC items.
  std::optional<HevcConfiguration> coding;
  bool transformed = false;
  // Decoder visits to this item and all that it is derived from.
  std::size_t visits = 1;
  std::int64_t pixels = 0;
  std::int64_t slice_pixels = 0;
};

class HeicWalk {
 public:
  HeicWalk(const HeifFile& heif, std::size_t file_bytes)
      : heif_(heif), bytes_left_(file_bytes) {}

  absl::StatusOr<WalkedPicture> Run() {
    const std::uint32_t id = Primary();
    ASSIGN_OR_RETURN(const Copied primary, Copy(id, 0));
    RETURN_IF_ERROR(CopyTransparency(id));
    RETURN_IF_ERROR(CheckSize(primary.size.width, primary.size.height));
    WalkedPicture picture;
    picture.type = PictureType::kHeic;
    picture.width = static_cast<std::int32_t>(primary.size.width);
    picture.height = static_cast<std::int32_t>(primary.size.height);
    SetColour(id, picture);
    ASSIGN_OR_RETURN(picture.bytes, WriteHeif(plain_ ? "heic" : "heix", new_));
    return picture;
  }

 private:
  // A tone map (tmap) is derived from the picture and its gain map.
  std::uint32_t Primary() const {
    const HeifItem* item = heif_.Find(heif_.primary());
    if (item == nullptr || item->type != "tmap") return heif_.primary();
    const auto sources = item->Sources();
    return sources.empty() ? heif_.primary() : sources[0];
  }

  absl::StatusOr<Copied> Copy(std::uint32_t id, int depth) {
    const HeifItem* item = heif_.Find(id);
    if (item == nullptr || depth > kMaxDepth) return Damaged();
    const auto [known, fresh] = copied_.try_emplace(id);
    // An item that is reached from within itself is not complete.
    if (!fresh && !known->second.complete) return Damaged();
    if (!fresh) return known->second;
    if (new_.size() >= kMaxNewHeifItems) return Damaged();
    Copied& copied = known->second;  // A std::map keeps it in place.
    new_.emplace_back();
    copied.id = static_cast<std::uint32_t>(new_.size());
    NewHeifItem made;
    made.type = item->type;
    RETURN_IF_ERROR(CopyItem(*item, depth, copied, made));
    new_[copied.id - 1] = std::move(made);
    copied.complete = true;
    return copied;
  }

  absl::Status CopyItem(const HeifItem& item, int depth, Copied& copied,
                        NewHeifItem& made) {
    RETURN_IF_ERROR(CheckType(item.type));
    ASSIGN_OR_RETURN(const HeifSize size, ReadSpatialExtents(item));
    AppendExtents(size, made);
    RETURN_IF_ERROR(item.type == "hvc1"
                        ? CopyCoded(item, size, copied, made)
                        : CopyDerived(item, size, depth, copied, made));
    AppendDescription(item, made);
    const std::size_t before = made.properties.size();
    ASSIGN_OR_RETURN(copied.size, ApplyTransforms(item, size, made.properties));
    copied.transformed = made.properties.size() > before;
    const bool bounded = copied.pixels <= kMaxPixels &&
                         copied.slice_pixels <= kMaxSlicePixels &&
                         copied.visits <= kMaxNewHeifItems;
    return bounded ? absl::OkStatus() : Damaged();
  }

  static absl::Status CheckType(std::string_view type) {
    if (type == "hvc1" || type == "grid" || type == "iden" || type == "iovl") {
      return absl::OkStatus();
    }
    if (type == "av01") return UnsupportedCoding("AVIF");
    return UnsupportedCoding("a HEIF file with pictures other than HEVC");
  }

  static void AppendExtents(HeifSize size, NewHeifItem& made) {
    std::string body(4, '\0');
    AppendBig(body, static_cast<std::uint64_t>(size.width), 4);
    AppendBig(body, static_cast<std::uint64_t>(size.height), 4);
    made.properties.push_back({MakeHeifBox("ispe", body), false});
  }

  static void AppendDescription(const HeifItem& item, NewHeifItem& made) {
    if (const auto code = ReadColour(item).code) {
      made.properties.push_back({ColourBox(*code), false});
    }
    // The number of channels, and the bits of each.
    const std::string_view pixi = item.Property("pixi").value_or("");
    ByteReader reader(pixi);
    reader.Skip(4);
    const std::size_t channels = reader.U8();
    if (reader.ok() && channels >= 1 && channels <= 4 &&
        reader.left() >= channels) {
      made.properties.push_back(
          {MakeHeifBox("pixi", pixi.substr(0, 5 + channels)), false});
    }
  }

  absl::StatusOr<std::string> TakeData(const HeifItem& item) {
    // Together they are at most as large as the file, unless they overlap.
    ASSIGN_OR_RETURN(std::string data, heif_.Data(item, bytes_left_));
    bytes_left_ -= data.size();
    return data;
  }

  absl::Status CopyCoded(const HeifItem& item, HeifSize size, Copied& copied,
                         NewHeifItem& made) {
    const auto hvcc = item.Property("hvcC");
    if (!hvcc) return Damaged();
    ASSIGN_OR_RETURN(copied.coding, ReadHevcConfiguration(*hvcc));
    HevcConfiguration& coding = *copied.coding;
    if (size != HeifSize{coding.width, coding.height}) return Damaged();
    ASSIGN_OR_RETURN(const std::string data, TakeData(item));
    ASSIGN_OR_RETURN(HevcPicture picture,
                     CopyHevcPicture(data, coding.length_bytes));
    made.data = std::move(picture.bytes);
    made.properties.push_back(
        {MakeHeifBox("hvcC", std::exchange(coding.record, "")), true});
    copied.pixels = coding.coded_width * coding.coded_height;
    copied.slice_pixels = copied.pixels * picture.slices;
    plain_ = plain_ && coding.chroma <= 1 && coding.luma_bits == 8;
    return absl::OkStatus();
  }

  absl::Status CopyDerived(const HeifItem& item, HeifSize size, int depth,
                           Copied& copied, NewHeifItem& made) {
    copied.pixels = size.width * size.height;
    const std::vector<std::uint32_t> ids = item.Sources();
    if (ids.empty() || ids.size() > kMaxNewHeifItems) return Damaged();
    std::vector<Copied> sources;
    for (const std::uint32_t id : ids) {
      ASSIGN_OR_RETURN(Copied source, Copy(id, depth + 1));
      copied.visits += source.visits;
      copied.pixels += source.pixels;
      copied.slice_pixels += source.slice_pixels;
      if (copied.pixels > kMaxPixels) return Damaged();
      made.sources.push_back(source.id);
      sources.push_back(std::move(source));
    }
    if (item.type == "grid") return CopyGrid(item, size, sources, made);
    if (item.type == "iovl") return CopyOverlay(item, size, sources, made);
    const bool same = sources.size() == 1 && sources[0].size == size;
    return same ? absl::OkStatus() : Damaged();
  }

  absl::Status CopyGrid(const HeifItem& item, HeifSize size,
                        const std::vector<Copied>& tiles, NewHeifItem& made) {
    ASSIGN_OR_RETURN(const std::string data, TakeData(item));
    ASSIGN_OR_RETURN(const HeifGrid grid, ReadGrid(data));
    if (grid.size != size || tiles.size() != grid.rows * grid.columns ||
        !grid.IsCoveredBy(tiles[0].size)) {
      return Damaged();
    }
    for (const Copied& tile : tiles) {
      if (!tile.coding || tile.transformed ||
          !tile.coding->SameFormat(*tiles[0].coding)) {
        return Damaged();
      }
    }
    made.data = grid.Write();
    return absl::OkStatus();
  }

  absl::Status CopyOverlay(const HeifItem& item, HeifSize size,
                           const std::vector<Copied>& layers,
                           NewHeifItem& made) {
    ASSIGN_OR_RETURN(const std::string data, TakeData(item));
    ASSIGN_OR_RETURN(const HeifOverlay overlay,
                     ReadOverlay(data, layers.size()));
    if (overlay.size != size) return Damaged();
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (!overlay.Shows(overlay.offsets[i], layers[i].size)) return Damaged();
    }
    made.data = overlay.Write();
    return absl::OkStatus();
  }

  // Copies the first auxiliary picture that is an alpha plane of the picture.
  absl::Status CopyTransparency(std::uint32_t picture) {
    for (const auto& [id, item] : heif_.items()) {
      if (!item.RefersTo("auxl", picture) || !IsTransparency(item)) continue;
      if (copied_.count(id) != 0) return Damaged();
      ASSIGN_OR_RETURN(const Copied copied, Copy(id, 0));
      NewHeifItem& made = new_[copied.id - 1];
      made.auxiliary_of = 1;
      if (heif_.Find(picture)->RefersTo("prem", id)) {
        new_[0].premultiplied_by = copied.id;
      }
      made.properties.push_back(
          {MakeHeifBox("auxC", "\0\0\0\0urn:mpeg:hevc:2015:auxid:1\0"sv),
           true});
      return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  // From the picture or, if it has none, from the first item it is derived
  // from.
  void SetColour(std::uint32_t id, WalkedPicture& picture) const {
    for (int depth = 0; depth <= kMaxDepth; ++depth) {
      const HeifItem* item = heif_.Find(id);
      if (item == nullptr) return;
      const Colour colour = ReadColour(*item);
      picture.profile = colour.profile;
      if (picture.profile.empty()) picture.colour = colour.code;
      if (!picture.profile.empty() || picture.colour) return;
      const auto sources = item->Sources();
      if (sources.empty()) return;
      id = sources[0];
    }
  }

  const HeifFile& heif_;
  std::size_t bytes_left_;
  std::map<std::uint32_t, Copied> copied_;
  std::vector<NewHeifItem> new_;
  bool plain_ = true;  // 8 bits and 4:2:0, which is what "heic" means.
};

}  // namespace

absl::StatusOr<WalkedPicture> WalkHeic(std::string_view file) {
  ASSIGN_OR_RETURN(const HeifFile heif, HeifFile::Read(file));
  return HeicWalk(heif, file.size()).Run();
}

}  // namespace pinhole::media
