// SPDX-License-Identifier: Apache-2.0

// Uses libjpeg directly: libvips reports only the first warning of a file, and
// a later one may tell that pixels are missing.

#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>  // jpeglib.h needs it.

// The comment keeps this order: jerror.h needs jpeglib.h.
#include <jpeglib.h>
//
#include <jerror.h>

#include <algorithm>

#include "server/media/decode/pixels.h"
#include "server/media/decode/rows.h"
#include "server/media/picture_refusal.h"

// libvips 8.16 defines a macro of this name for compatibility.
#undef error_exit

namespace pinhole::media {
namespace {

// A file with more is garbage that costs time; the limit of libvips.
constexpr long kMaxWarnings = 100;

class JpegReader {
 public:
  JpegReader() {
    jpeg_.err = jpeg_std_error(&errors_);
    jpeg_.client_data = this;
    errors_.error_exit = [](j_common_ptr jpeg) {
      std::longjmp(Of(jpeg).escape_, 1);
    };
    errors_.emit_message = [](j_common_ptr jpeg, int level) {
      if (level < 0) Of(jpeg).Warn();
    };
    errors_.output_message = [](j_common_ptr) {};
  }
  ~JpegReader() { jpeg_destroy_decompress(&jpeg_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  // `file` must outlive this object.  Returns false if it cannot be decoded.
  bool Start(std::string_view file, int side) {
    if (setjmp(escape_) != 0) return false;
    jpeg_create_decompress(&jpeg_);
    jpeg_mem_src(&jpeg_, reinterpret_cast<const unsigned char*>(file.data()),
                 file.size());
    jpeg_read_header(&jpeg_, TRUE);
    const auto longer = static_cast<std::int64_t>(
        std::max(jpeg_.image_width, jpeg_.image_height));
    // Scaling during decoding is fast but not smooth: leave at least the last
    // halving to a better filter.
    jpeg_.scale_num = 1;
    jpeg_.scale_denom = 1;
    while (jpeg_.scale_denom < 8 &&
           longer / (2 * jpeg_.scale_denom) >= std::int64_t{2} * side) {
      jpeg_.scale_denom *= 2;
    }
    jpeg_calc_output_dimensions(&jpeg_);
    return jpeg_.out_color_space == JCS_GRAYSCALE ||
           jpeg_.out_color_space == JCS_RGB || IsCmyk();
  }

  RowFormat Format() const {
    return {.width = static_cast<int>(jpeg_.output_width),
            .height = static_cast<int>(jpeg_.output_height),
            .bands = jpeg_.output_components,
            .interpretation = IsCmyk() ? VIPS_INTERPRETATION_CMYK
                              : jpeg_.out_color_space == JCS_GRAYSCALE
                                  ? VIPS_INTERPRETATION_B_W
                                  : VIPS_INTERPRETATION_sRGB};
  }

  bool ReadRow(int y, std::uint8_t* row) {
    if (failed_ || setjmp(escape_) != 0) {
      failed_ = true;
      return false;
    }
    if (y == 0) jpeg_start_decompress(&jpeg_);  // Reads all scans.
    jpeg_read_scanlines(&jpeg_, &row, 1);
    if (IsCmyk()) {
      // Programs that write CMYK store it inverted, as the remaining light.
      std::transform(row, row + Bytes(), row,
                     [](std::uint8_t value) { return 255 - value; });
    }
    // Detects whether the data ends where the picture does.
    if (jpeg_.output_scanline == jpeg_.output_height) {
      jpeg_finish_decompress(&jpeg_);
    }
    return true;
  }

  bool incomplete() const { return incomplete_; }

 private:
  static JpegReader& Of(j_common_ptr jpeg) {
    return *static_cast<JpegReader*>(jpeg->client_data);
  }
  bool IsCmyk() const { return jpeg_.out_color_space == JCS_CMYK; }
  std::size_t Bytes() const {
    return std::size_t{jpeg_.output_width} *
           static_cast<std::size_t>(jpeg_.output_components);
  }

  void Warn() {
    // A marker or the end of the file in place of pixels, which libjpeg
    // invents.
    if (errors_.msg_code == JWRN_HIT_MARKER ||
        errors_.msg_code == JWRN_JPEG_EOF) {
      incomplete_ = true;
    }
    if (++errors_.num_warnings >= kMaxWarnings) std::longjmp(escape_, 1);
  }

  jpeg_decompress_struct jpeg_ = {};
  jpeg_error_mgr errors_ = {};
  std::jmp_buf escape_ = {};
  bool incomplete_ = false;
  bool failed_ = false;
};

}  // namespace

absl::StatusOr<Pixels> OpenJpeg(std::string_view file, int side) {
  auto reader = std::make_shared<JpegReader>();
  if (!reader->Start(file, side)) return Damaged();
  Pixels pixels;
  pixels.image = StreamRows(*reader, reader->Format());
  if (pixels.image == nullptr) return Damaged();
  pixels.incomplete = [reader = reader.get()] { return reader->incomplete(); };
  pixels.source = std::move(reader);
  return pixels;
}

}  // namespace pinhole::media
