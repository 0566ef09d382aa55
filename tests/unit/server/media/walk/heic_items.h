// SPDX-License-Identifier: Apache-2.0

// Items of HEIC files, for building pictures that no available encoder writes.

#pragma once

#include "server/media/walk/heif_file.h"
#include "tests/unit/server/media/walk/walked.h"

namespace pinhole::media {

inline NewHeifItem::Property Box(std::string_view type, std::string_view body) {
  return {MakeHeifBox(type, body), true};
}

inline NewHeifItem::Property Extents(unsigned width, unsigned height) {
  std::string body(4, '\0');
  AppendBig(body, width, 4);
  AppendBig(body, height, 4);
  return Box("ispe", body);
}

inline NewHeifItem::Property Turn(char quarters) {
  return Box("irot", std::string(1, quarters));
}
inline NewHeifItem::Property Mirror() { return Box("imir", "\1"); }

// A crop to the centre.
inline NewHeifItem::Property Crop(int width, int height,
                                  unsigned denominator = 1) {
  std::string body;
  for (const int number : {width, height, 0, 0}) {
    AppendBig(body, static_cast<std::uint32_t>(number), 4);
    AppendBig(body, denominator, 4);
  }
  return Box("clap", body);
}

inline HeifFile ReadHeif(std::string_view file) {
  auto heif = HeifFile::Read(file);
  EXPECT_TRUE(heif.ok()) << heif.status();
  return heif.ok() ? *std::move(heif) : HeifFile();
}

// The primary item of a fixture, which must be HEVC: ispe, hvcC and data.
// Those of heif-enc are 128 x 96.
inline NewHeifItem Coded(std::string_view fixture = "lossless.heic") {
  const std::string file = Fixture(fixture);
  const HeifFile heif = ReadHeif(file);
  const HeifItem& item = *heif.Find(heif.primary());
  return {.type = "hvc1",
          .data = *heif.Data(item, file.size()),
          .properties = {Box("ispe", *item.Property("ispe")),
                         Box("hvcC", *item.Property("hvcC"))}};
}

inline NewHeifItem Grid(unsigned rows, unsigned columns, unsigned width,
                        unsigned height, std::vector<std::uint32_t> tiles) {
  std::string data(2, '\0');
  AppendBig(data, rows - 1, 1);
  AppendBig(data, columns - 1, 1);
  AppendBig(data, width, 2);
  AppendBig(data, height, 2);
  return {.type = "grid",
          .data = data,
          .properties = {Extents(width, height)},
          .sources = std::move(tiles)};
}

inline NewHeifItem Identity(unsigned width, unsigned height,
                            std::uint32_t source) {
  return {.type = "iden",
          .properties = {Extents(width, height)},
          .sources = {source}};
}

inline NewHeifItem With(NewHeifItem item, NewHeifItem::Property property) {
  item.properties.push_back(std::move(property));
  return item;
}

inline NewHeifItem WithData(NewHeifItem item, std::string data) {
  item.data = std::move(data);
  return item;
}

inline std::string Heic(const std::vector<NewHeifItem>& items) {
  const auto file = WriteHeif("heic", items);
  EXPECT_TRUE(file.ok()) << file.status();
  return file.value_or("");
}

// The types of the items of a file, in the order of their numbers.
inline std::vector<std::string> Items(std::string_view file) {
  std::vector<std::string> types;
  const HeifFile heif = ReadHeif(file);
  for (const auto& [id, item] : heif.items()) {
    types.emplace_back(item.type);
  }
  return types;
}

// The types of the properties of an item.
inline std::vector<std::string> PropertiesOf(std::string_view file,
                                             std::uint32_t id) {
  std::vector<std::string> types;
  const HeifFile heif = ReadHeif(file);
  for (const HeifBox& box : heif.Find(id)->properties) {
    types.emplace_back(box.type);
  }
  return types;
}

}  // namespace pinhole::media
