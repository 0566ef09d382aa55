// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>

#include "server/media/decode/image.h"

namespace pinhole::media {

struct RowFormat {
  int width = 0;
  int height = 0;
  int bands = 0;
  VipsBandFormat format = VIPS_FORMAT_UCHAR;
  VipsInterpretation interpretation = VIPS_INTERPRETATION_sRGB;
};

// Returns an image that libvips reads row by row, top to bottom, each row once.
// `Reader` has `bool ReadRow(int y, std::uint8_t* row)`, false on failure; it
// must outlive the image.  Null if libvips fails.
template <typename Reader>
Image StreamRows(Reader& reader, const RowFormat& format) {
  Image image(vips_image_new());
  vips_image_init_fields(image.get(), format.width, format.height, format.bands,
                         format.format, VIPS_CODING_NONE, format.interpretation,
                         1.0, 1.0);
  const auto generate = [](VipsRegion* out, void*, void* a, void*,
                           gboolean*) -> int {
    auto& from = *static_cast<Reader*>(a);
    const VipsRect& wanted = out->valid;
    for (int y = wanted.top; y < wanted.top + wanted.height; ++y) {
      if (!from.ReadRow(y, VIPS_REGION_ADDR(out, wanted.left, y))) return -1;
    }
    return 0;
  };
  if (vips_image_pipelinev(image.get(), VIPS_DEMAND_STYLE_THINSTRIP, nullptr) !=
          0 ||
      vips_image_generate(image.get(), nullptr, generate, nullptr, &reader,
                          nullptr) != 0 ||
      !Apply(image, [](VipsImage* in, VipsImage** out) {
        return vips_sequential(in, out, "tile_height", 8, nullptr);
      })) {
    vips_error_clear();
    return nullptr;
  }
  return image;
}

}  // namespace pinhole::media
