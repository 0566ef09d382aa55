// SPDX-License-Identifier: Apache-2.0

// Reads and writes HEIF files (ISO/IEC 23008-12), which consist of items in
// boxes.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace pinhole::media {

struct HeifBox {
  std::string_view type;
  std::string_view body;
};

struct HeifItem {
  struct Extent {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;  // 0: to the end.
  };

  std::string_view type;
  bool in_idat = false;
  // Its data is in this file, in a supported construction.
  bool readable = false;
  std::vector<Extent> extents;
  std::vector<HeifBox> properties;  // In the order of their association.
  std::map<std::string_view, std::vector<std::uint32_t>> references;

  // The body of the first property of that type; nullopt if there is none.
  std::optional<std::string_view> Property(std::string_view type) const;
  bool RefersTo(std::string_view how, std::uint32_t id) const;
  // The items that this one is derived from.
  std::vector<std::uint32_t> Sources() const;
};

// Views into the bytes that it was read from.
class HeifFile {
 public:
  // Errors: DAMAGED_FILE, MULTIPLE_FRAMES if there is only a sequence.
  static absl::StatusOr<HeifFile> Read(std::string_view file);

  std::uint32_t primary() const { return primary_; }
  const std::map<std::uint32_t, HeifItem>& items() const { return items_; }
  const HeifItem* Find(std::uint32_t id) const;

  // Returns the bytes of an item, gathered from its extents. Errors:
  // DAMAGED_FILE, also if they are longer than `limit`.
  absl::StatusOr<std::string> Data(const HeifItem& item,
                                   std::size_t limit) const;

 private:
  friend class HeifReader;

  std::string_view file_;
  std::string_view idat_;
  std::uint32_t primary_ = 0;
  std::map<std::uint32_t, HeifItem> items_;
};

// An item to be written.  Its number is its position in the list, from 1.
struct NewHeifItem {
  std::string type;
  std::string data = {};
  struct Property {
    std::string box;  // With size and type.
    bool essential = false;
  };
  std::vector<Property> properties = {};
  std::vector<std::uint32_t> sources = {};  // "dimg"
  std::uint32_t auxiliary_of = 0;           // "auxl", if not 0
  std::uint32_t premultiplied_by = 0;       // "prem", if not 0
};

// Limits of decoders (libheif 1.23: heif_get_global_security_limits).
inline constexpr std::size_t kMaxNewHeifItems = 1000;
inline constexpr std::size_t kMaxNewHeifProperties = 100;

std::string MakeHeifBox(std::string_view type, std::string_view body);

// Returns a file of these items, the first of which is the primary item and the
// only one that is not hidden.  Errors: DAMAGED_FILE if there are more than
// decoders accept.
absl::StatusOr<std::string> WriteHeif(std::string_view brand,
                                      const std::vector<NewHeifItem>& items);

}  // namespace pinhole::media
