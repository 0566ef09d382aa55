// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "server/media/picture_refusal.h"
#include "server/media/walk/bytes.h"
#include "server/media/walk/heif_file.h"

namespace pinhole::media {
namespace {

// Limits on what is kept in memory: far more than cameras write (a picture of
// 64 megapixels has 256 tiles), far less than 20 MiB of boxes could ask for.
constexpr std::size_t kMaxItems = 10'000;
constexpr std::size_t kMaxProperties = 10'000;
constexpr std::size_t kMaxExtents = 50'000;
constexpr std::size_t kMaxAssociations = 100'000;
constexpr std::size_t kMaxReferences = 100'000;

// Reads the next box (ISO/IEC 14496-12, 4.2); nullopt at the end, and at a box
// that does not fit.
std::optional<HeifBox> NextBox(ByteReader& reader) {
  std::uint64_t size = reader.U32();
  HeifBox box;
  box.type = reader.Take(4);
  std::uint64_t head = 8;
  if (size == 1) {
    size = reader.Big(8);
    head = 16;
  } else if (size == 0) {
    size = head + reader.left();
  }
  if (!reader.ok() || size < head) return std::nullopt;
  box.body = reader.Take(size - head);
  if (!reader.ok()) return std::nullopt;
  return box;
}

// The start of a FullBox.
struct Version {
  explicit Version(ByteReader& reader)
      : number(reader.U8()), flags(static_cast<std::uint32_t>(reader.Big(3))) {}
  const unsigned number;
  const std::uint32_t flags;
};

}  // namespace

// Gathers the boxes of `meta`, then reads them in the order of their
// dependencies, whatever their order in the file.
class HeifReader {
 public:
  explicit HeifReader(std::string_view file) { heif_.file_ = file; }

  absl::StatusOr<HeifFile> Run() {
    RETURN_IF_ERROR(FindBoxes());
    RETURN_IF_ERROR(ReadItems(Body("iinf")));
    RETURN_IF_ERROR(ReadLocations(Body("iloc")));
    RETURN_IF_ERROR(ReadProperties(Body("iprp")));
    RETURN_IF_ERROR(ReadReferences(Body("iref")));
    heif_.idat_ = Body("idat");
    return std::move(heif_);
  }

 private:
  absl::Status FindBoxes() {
    ByteReader reader(heif_.file_);
    bool sequence = false;
    std::optional<std::string_view> meta;
    while (const auto box = NextBox(reader)) {
      if (box->type == "moov") sequence = true;
      if (box->type == "meta" && !meta) meta = box->body;
    }
    if (meta) {
      ByteReader boxes(*meta);
      boxes.Skip(4);
      while (const auto box = NextBox(boxes)) {
        boxes_.try_emplace(box->type, box->body);
      }
    }
    if (boxes_.count("pitm") == 0) {
      return sequence ? MultipleFrames() : Damaged();
    }
    ByteReader handler(Body("hdlr"));
    handler.Skip(8);
    if (handler.Take(4) != "pict") return Damaged();
    ByteReader primary(Body("pitm"));
    const Version version(primary);
    heif_.primary_ = Id(primary, version.number >= 1);
    return primary.ok() ? absl::OkStatus() : Damaged();
  }

  // Empty if there is no such box.
  std::string_view Body(std::string_view type) const {
    const auto found = boxes_.find(type);
    return found == boxes_.end() ? std::string_view() : found->second;
  }

  static std::uint32_t Id(ByteReader& reader, bool wide) {
    return static_cast<std::uint32_t>(reader.Big(wide ? 4 : 2));
  }

  // Null for unknown items.
  HeifItem* Item(std::uint32_t id) {
    const auto found = heif_.items_.find(id);
    return found == heif_.items_.end() ? nullptr : &found->second;
  }

  // ISO/IEC 14496-12, 8.11.6.
  absl::Status ReadItems(std::string_view iinf) {
    ByteReader reader(iinf);
    const Version version(reader);
    reader.Skip(version.number == 0 ? 2 : 4);
    while (const auto box = NextBox(reader)) {
      if (box->type != "infe") continue;
      ByteReader entry(box->body);
      const Version kind(entry);
      if (kind.number != 2 && kind.number != 3) continue;
      const std::uint32_t id = Id(entry, kind.number == 3);
      const bool clear = entry.U16() == 0;
      HeifItem item;
      item.type = entry.Take(4);
      if (!entry.ok() || heif_.items_.size() >= kMaxItems) return Damaged();
      if (!clear) item.type = {};  // Encrypted.
      if (!heif_.items_.try_emplace(id, std::move(item)).second) {
        return Damaged();
      }
    }
    return absl::OkStatus();
  }

  // 8.11.3.
  absl::Status ReadLocations(std::string_view iloc) {
    ByteReader reader(iloc);
    const Version version(reader);
    if (version.number > 2) return Damaged();
    const unsigned sizes = reader.U8();
    const unsigned more_sizes = reader.U8();
    const Fields fields = {.offset = sizes >> 4,
                           .length = sizes & 15,
                           .base = more_sizes >> 4,
                           .index = version.number > 0 ? more_sizes & 15 : 0};
    if (std::max({fields.offset, fields.length, fields.base, fields.index}) >
        8) {
      return Damaged();
    }
    std::uint32_t count = Id(reader, version.number == 2);
    for (; count > 0 && reader.ok(); --count) {
      RETURN_IF_ERROR(ReadLocation(reader, fields, version.number));
    }
    return reader.ok() ? absl::OkStatus() : Damaged();
  }

  struct Fields {
    std::size_t offset, length, base, index;
  };

  absl::Status ReadLocation(ByteReader& reader, const Fields& fields,
                            unsigned version) {
    const std::uint32_t id = Id(reader, version == 2);
    const unsigned method = version > 0 ? reader.U16() & 15u : 0;
    const bool here = reader.U16() == 0;
    const std::uint64_t base = reader.Big(fields.base);
    HeifItem* item = Item(id);
    for (unsigned left = reader.U16(); left > 0 && reader.ok(); --left) {
      reader.Skip(fields.index);
      const std::uint64_t offset = reader.Big(fields.offset);
      const std::uint64_t length = reader.Big(fields.length);
      if (++extents_ > kMaxExtents || offset + base < offset) return Damaged();
      if (item != nullptr) item->extents.push_back({base + offset, length});
    }
    if (item == nullptr) return absl::OkStatus();
    item->readable = here && method <= 1;
    item->in_idat = method == 1;
    return absl::OkStatus();
  }

  // ISO/IEC 23008-12, 9.3.
  absl::Status ReadProperties(std::string_view iprp) {
    std::vector<HeifBox> properties;
    ByteReader containers(iprp);
    std::vector<std::string_view> associations;
    while (const auto box = NextBox(containers)) {
      if (box->type == "ipma") associations.push_back(box->body);
      if (box->type != "ipco" || !properties.empty()) continue;
      ByteReader boxes(box->body);
      while (const auto property = NextBox(boxes)) {
        if (properties.size() >= kMaxProperties) return Damaged();
        properties.push_back(*property);
      }
    }
    for (const std::string_view body : associations) {
      RETURN_IF_ERROR(Associate(body, properties));
    }
    return absl::OkStatus();
  }

  absl::Status Associate(std::string_view ipma,
                         const std::vector<HeifBox>& properties) {
    ByteReader reader(ipma);
    const Version version(reader);
    const bool wide = (version.flags & 1) != 0;
    std::uint32_t entries = reader.U32();
    for (; entries > 0 && reader.ok(); --entries) {
      HeifItem* item = Item(Id(reader, version.number >= 1));
      for (unsigned left = reader.U8(); left > 0 && reader.ok(); --left) {
        // Counted from 1; 0 is none.  The highest bit means "essential".
        const std::size_t index =
            wide ? reader.U16() & 0x7fffu : reader.U8() & 0x7fu;
        if (++associations_ > kMaxAssociations || index > properties.size()) {
          return Damaged();
        }
        if (item != nullptr && index > 0) {
          item->properties.push_back(properties[index - 1]);
        }
      }
    }
    return reader.ok() ? absl::OkStatus() : Damaged();
  }

  // ISO/IEC 14496-12, 8.11.12.
  absl::Status ReadReferences(std::string_view iref) {
    if (iref.empty()) return absl::OkStatus();
    ByteReader reader(iref);
    const bool wide = Version(reader).number >= 1;
    while (const auto box = NextBox(reader)) {
      ByteReader entry(box->body);
      HeifItem* item = Item(Id(entry, wide));
      const unsigned count = entry.U16();
      references_ += count + 1;
      if (references_ > kMaxReferences) return Damaged();
      for (unsigned i = 0; i < count; ++i) {
        const std::uint32_t to = Id(entry, wide);
        if (!entry.ok()) return Damaged();
        if (item != nullptr) item->references[box->type].push_back(to);
      }
    }
    return absl::OkStatus();
  }

  HeifFile heif_;
  std::map<std::string_view, std::string_view> boxes_;
  std::size_t extents_ = 0;
  std::size_t associations_ = 0;
  std::size_t references_ = 0;
};

std::optional<std::string_view> HeifItem::Property(
    std::string_view type) const {
  const auto found =
      std::find_if(properties.begin(), properties.end(),
                   [type](const HeifBox& box) { return box.type == type; });
  if (found == properties.end()) return std::nullopt;
  return found->body;
}

bool HeifItem::RefersTo(std::string_view how, std::uint32_t id) const {
  const auto found = references.find(how);
  return found != references.end() &&
         std::find(found->second.begin(), found->second.end(), id) !=
             found->second.end();
}

std::vector<std::uint32_t> HeifItem::Sources() const {
  const auto found = references.find("dimg");
  return found == references.end() ? std::vector<std::uint32_t>()
                                   : found->second;
}

absl::StatusOr<HeifFile> HeifFile::Read(std::string_view file) {
  return HeifReader(file).Run();
}

const HeifItem* HeifFile::Find(std::uint32_t id) const {
  const auto found = items_.find(id);
  return found == items_.end() ? nullptr : &found->second;
}

absl::StatusOr<std::string> HeifFile::Data(const HeifItem& item,
                                           std::size_t limit) const {
  if (!item.readable) return Damaged();
  const std::string_view from = item.in_idat ? idat_ : file_;
  std::string data;
  for (const HeifItem::Extent& extent : item.extents) {
    if (extent.offset > from.size()) return Damaged();
    const std::string_view rest = from.substr(extent.offset);
    const std::uint64_t length =
        extent.length == 0 ? rest.size() : extent.length;
    if (length > rest.size() || length > limit - data.size()) return Damaged();
    data += rest.substr(0, length);
  }
  return data;
}

}  // namespace pinhole::media
