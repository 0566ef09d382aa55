// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "server/media/picture_refusal.h"
#include "server/media/walk/bytes.h"
#include "server/media/walk/heif_file.h"

namespace pinhole::media {
namespace {

std::string FullBox(std::string_view type, unsigned version, unsigned flags,
                    std::string_view body) {
  std::string full;
  AppendBig(full, version, 1);
  AppendBig(full, flags, 3);
  full += body;
  return MakeHeifBox(type, full);
}

std::string HandlerBox() {
  std::string body(4, '\0');
  body += "pict";
  body.append(13, '\0');  // Reserved, and an empty name.
  return FullBox("hdlr", 0, 0, body);
}

std::string ItemsBox(const std::vector<NewHeifItem>& items) {
  std::string body;
  AppendBig(body, items.size(), 2);
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::string entry;
    AppendBig(entry, i + 1, 2);
    AppendBig(entry, 0, 2);
    entry += items[i].type;
    entry += '\0';
    const unsigned hidden = i > 0 ? 1 : 0;
    body += FullBox("infe", 2, hidden, entry);
  }
  return FullBox("iinf", 0, 0, body);
}

std::string LocationsBox(const std::vector<NewHeifItem>& items,
                         std::size_t data_at) {
  std::string body;
  AppendBig(body, 0x4400, 2);  // Offsets and lengths of four bytes.
  AppendBig(body, items.size(), 2);
  for (std::size_t i = 0; i < items.size(); ++i) {
    AppendBig(body, i + 1, 2);
    AppendBig(body, 0, 2);
    AppendBig(body, 1, 2);
    AppendBig(body, data_at, 4);
    AppendBig(body, items[i].data.size(), 4);
    data_at += items[i].data.size();
  }
  return FullBox("iloc", 0, 0, body);
}

std::string ReferencesBox(const std::vector<NewHeifItem>& items) {
  std::string body;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto append = [&body, i](std::string_view type,
                                   const std::vector<std::uint32_t>& to) {
      std::string reference;
      AppendBig(reference, i + 1, 2);
      AppendBig(reference, to.size(), 2);
      for (const std::uint32_t id : to) AppendBig(reference, id, 2);
      body += MakeHeifBox(type, reference);
    };
    if (!items[i].sources.empty()) append("dimg", items[i].sources);
    if (items[i].auxiliary_of != 0) append("auxl", {items[i].auxiliary_of});
    if (items[i].premultiplied_by != 0) {
      append("prem", {items[i].premultiplied_by});
    }
  }
  return body.empty() ? "" : FullBox("iref", 0, 0, body);
}

// Stores each property once, however many items have it.
class Properties {
 public:
  void Add(std::size_t id, const NewHeifItem& item) {
    AppendBig(associations_, id, 2);
    AppendBig(associations_, item.properties.size(), 1);
    for (const NewHeifItem::Property& property : item.properties) {
      auto found = std::find(boxes_.begin(), boxes_.end(), property.box);
      if (found == boxes_.end()) {
        found = boxes_.insert(boxes_.end(), property.box);
      }
      const auto index = static_cast<unsigned>(found - boxes_.begin()) + 1;
      AppendBig(associations_, (property.essential ? 0x80 : 0) | index, 1);
    }
    ++entries_;
  }

  // Also keeps the search for equal ones cheap.
  bool TooMany() const { return boxes_.size() > kMaxNewHeifProperties; }

  std::string Box() const {
    std::string container;
    for (const std::string& box : boxes_) container += box;
    std::string associations;
    AppendBig(associations, entries_, 4);
    associations += associations_;
    return MakeHeifBox("iprp", MakeHeifBox("ipco", container) +
                                   FullBox("ipma", 0, 0, associations));
  }

 private:
  std::vector<std::string> boxes_;
  std::string associations_;
  std::size_t entries_ = 0;
};

}  // namespace

std::string MakeHeifBox(std::string_view type, std::string_view body) {
  std::string box;
  AppendBig(box, body.size() + 8, 4);
  box += type;
  box += body;
  return box;
}

absl::StatusOr<std::string> WriteHeif(std::string_view brand,
                                      const std::vector<NewHeifItem>& items) {
  Properties properties;
  std::size_t data_bytes = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    properties.Add(i + 1, items[i]);
    if (properties.TooMany()) return Damaged();
    data_bytes += items[i].data.size();
  }
  std::string file =
      MakeHeifBox("ftyp", std::string(brand) + std::string(4, '\0') + "mif1" +
                              std::string(brand));
  const std::string primary = FullBox("pitm", 0, 0, std::string("\0\1", 2));
  const auto meta = [&](std::size_t data_at) {
    return FullBox("meta", 0, 0,
                   HandlerBox() + primary + LocationsBox(items, data_at) +
                       ItemsBox(items) + ReferencesBox(items) +
                       properties.Box());
  };
  constexpr std::size_t kBoxHead = 8;
  // The size of `meta` does not depend on the numbers in it.
  const std::size_t data_at = file.size() + meta(0).size() + kBoxHead;
  file.reserve(data_at + data_bytes);
  file += meta(data_at);
  AppendBig(file, data_bytes + kBoxHead, 4);
  file += "mdat";
  for (const NewHeifItem& item : items) file += item.data;
  return file;
}

}  // namespace pinhole::media
