// SPDX-License-Identifier: Apache-2.0

// The picture sizes that boxes of HEIF (ISO/IEC 23008-12) state, before and
// after transformations.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/media/walk/heif_file.h"

namespace pinhole::media {

struct HeifSize {
  std::int64_t width = 0;
  std::int64_t height = 0;

  bool operator==(const HeifSize&) const = default;
};

// Reads ispe and checks it against the limits on pictures.
absl::StatusOr<HeifSize> ReadSpatialExtents(const HeifItem& item);

// The size after irot, imir and clap, each of which may occur once.  Appends
// them to `properties`, in their order.
absl::StatusOr<HeifSize> ApplyTransforms(
    const HeifItem& item, HeifSize size,
    std::vector<NewHeifItem::Property>& properties);

// The data of a grid item.
struct HeifGrid {
  std::size_t rows = 0;
  std::size_t columns = 0;
  HeifSize size;

  // Whether tiles of that size cover the grid, and none lies outside.
  bool IsCoveredBy(HeifSize tile) const;
  std::string Write() const;
};
absl::StatusOr<HeifGrid> ReadGrid(std::string_view data);

// The data of an overlay item (iovl): pictures placed on a canvas.
struct HeifOverlay {
  struct Offset {
    std::int64_t x = 0;
    std::int64_t y = 0;
  };
  std::string_view fill;  // The colour of the canvas.
  HeifSize size;
  std::vector<Offset> offsets;

  // Whether any part of a picture of that size and offset is on the canvas.
  bool Shows(const Offset& offset, HeifSize layer) const;
  std::string Write() const;
};
absl::StatusOr<HeifOverlay> ReadOverlay(std::string_view data,
                                        std::size_t layers);

}  // namespace pinhole::media
