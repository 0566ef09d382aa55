// SPDX-License-Identifier: Apache-2.0

// Uses libheif directly: through libvips, libheif would decode the tiles of a
// picture on additional threads.

#include <libheif/heif.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>

#include "server/media/decode/pixels.h"
#include "server/media/decode/rows.h"
#include "server/media/picture_refusal.h"

namespace pinhole::media {
namespace {

// Divides the colours of RGBA samples by their alpha, to undo
// premultiplication.
template <typename Sample>
void Divide(std::span<Sample> row) {
  constexpr std::uint32_t kMost = std::numeric_limits<Sample>::max();
  for (std::size_t i = 0; i + 3 < row.size(); i += 4) {
    const std::uint32_t alpha = row[i + 3];
    if (alpha == 0) continue;  // The colour is invisible.
    for (std::size_t band = i; band < i + 3; ++band) {
      row[band] =
          static_cast<Sample>(std::min(kMost, row[band] * kMost / alpha));
    }
  }
}

class HeicReader {
 public:
  HeicReader() : context_(heif_context_alloc()) {
    heif_context_set_max_decoding_threads(context_, 1);
  }
  ~HeicReader() {
    if (image_ != nullptr) heif_image_release(image_);
    if (handle_ != nullptr) heif_image_handle_release(handle_);
    heif_context_free(context_);
  }
  HeicReader(const HeicReader&) = delete;
  HeicReader& operator=(const HeicReader&) = delete;

  // Decodes the whole picture.  `file` must outlive this object.
  bool Decode(std::string_view file) {
    const auto fails = [](const heif_error& error) {
      return error.code != heif_error_Ok;
    };
    if (fails(heif_context_read_from_memory_without_copy(
            context_, file.data(), file.size(), nullptr)) ||
        fails(heif_context_get_primary_image_handle(context_, &handle_))) {
      return false;
    }
    alpha_ = heif_image_handle_has_alpha_channel(handle_) != 0;
    premultiplied_ =
        alpha_ && heif_image_handle_is_premultiplied_alpha(handle_) != 0;
    bits_ = heif_image_handle_get_luma_bits_per_pixel(handle_);
    if (bits_ < 8 || bits_ > 16) return false;
    if (fails(heif_decode_image(handle_, &image_, heif_colorspace_RGB, Chroma(),
                                nullptr))) {
      return false;
    }
    plane_ = heif_image_get_plane_readonly(image_, heif_channel_interleaved,
                                           &stride_);
    return plane_ != nullptr;
  }

  RowFormat Format() const {
    return {.width = heif_image_get_width(image_, heif_channel_interleaved),
            .height = heif_image_get_height(image_, heif_channel_interleaved),
            .bands = alpha_ ? 4 : 3,
            .format = IsDeep() ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR,
            .interpretation = IsDeep() ? VIPS_INTERPRETATION_RGB16
                                       : VIPS_INTERPRETATION_sRGB};
  }

  bool ReadRow(int y, std::uint8_t* row) {
    const RowFormat format = Format();
    const auto samples = static_cast<std::size_t>(format.width) *
                         static_cast<std::size_t>(format.bands);
    const std::uint8_t* const from =
        plane_ +
        static_cast<std::size_t>(y) * static_cast<std::size_t>(stride_);
    if (!IsDeep()) {
      std::memcpy(row, from, samples);
      if (premultiplied_) Divide(std::span(row, samples));
      return true;
    }
    // The row of a region of libvips is aligned for its samples.
    const std::span<std::uint16_t> deep(reinterpret_cast<std::uint16_t*>(row),
                                        samples);
    // Scales from, say, 10 bits to 16 by repeating the upper bits at the
    // bottom, so that the maximum stays the maximum.
    for (std::size_t i = 0; i < samples; ++i) {
      const unsigned value = from[2 * i] | from[2 * i + 1] << 8;
      deep[i] = static_cast<std::uint16_t>((value << (16 - bits_)) |
                                           (value >> (2 * bits_ - 16)));
    }
    if (premultiplied_) Divide(deep);
    return true;
  }

 private:
  bool IsDeep() const { return bits_ > 8; }
  heif_chroma Chroma() const {
    if (IsDeep()) {
      return alpha_ ? heif_chroma_interleaved_RRGGBBAA_LE
                    : heif_chroma_interleaved_RRGGBB_LE;
    }
    return alpha_ ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB;
  }

  heif_context* const context_;
  heif_image_handle* handle_ = nullptr;
  heif_image* image_ = nullptr;
  const std::uint8_t* plane_ = nullptr;
  int stride_ = 0;
  int bits_ = 8;
  bool alpha_ = false;
  bool premultiplied_ = false;
};

}  // namespace

absl::StatusOr<Pixels> OpenHeic(std::string_view file) {
  auto reader = std::make_shared<HeicReader>();
  if (!reader->Decode(file)) return Damaged();
  Pixels pixels;
  pixels.image = StreamRows(*reader, reader->Format());
  if (pixels.image == nullptr) return Damaged();
  pixels.source = std::move(reader);
  return pixels;
}

}  // namespace pinhole::media
