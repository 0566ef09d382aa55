// SPDX-License-Identifier: Apache-2.0

#include "server/media/decode/render.h"

#include <libheif/heif.h>
#include <vips/vips.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/media/decode/colour.h"
#include "server/media/decode/image.h"
#include "server/media/decode/pixels.h"
#include "server/media/picture_refusal.h"
#include "server/media/walk/walk_picture.h"

namespace pinhole::media {
namespace {

constexpr int kJpegQuality = 82;

bool HasAlpha(VipsImage* image) { return vips_image_hasalpha(image) != 0; }

// Replaces transparency by white.  Done before any averaging, so that invisible
// colours do not bleed into visible ones.
bool Flatten(Image& image) {
  if (!HasAlpha(image.get())) return true;
  const double white =
      vips_image_get_format(image.get()) == VIPS_FORMAT_USHORT ? 65535 : 255;
  const std::array<double, 3> colour = {white, white, white};
  const int bands = vips_image_get_bands(image.get()) - 1;
  const std::unique_ptr<VipsArrayDouble, void (*)(VipsArrayDouble*)> background(
      vips_array_double_new(colour.data(), bands), [](VipsArrayDouble* a) {
        vips_area_unref(reinterpret_cast<VipsArea*>(a));
      });
  return Apply(image, [&](VipsImage* in, VipsImage** out) {
    return vips_flatten(in, out, "background", background.get(), "max_alpha",
                        white, nullptr);
  });
}

// Shrinks a picture of `width` x `height` in full size so that its longer side
// has at most `side` pixels.
bool Shrink(Image& image, std::int32_t width, std::int32_t height, int side) {
  const double scale =
      std::min(1.0, static_cast<double>(side) / std::max(width, height));
  const auto factor = [scale](std::int32_t full, int now) {
    return std::max(1.0, std::round(full * scale)) / now;
  };
  const double across = factor(width, vips_image_get_width(image.get()));
  const double down = factor(height, vips_image_get_height(image.get()));
  if (across == 1 && down == 1) return true;
  return Apply(image, [across, down](VipsImage* in, VipsImage** out) {
    return vips_resize(in, out, across, "vscale", down, nullptr);
  });
}

// Reads `image` to its end, so that it is decoded only once.
bool IntoMemory(Image& image) {
  Image pixels(vips_image_copy_memory(image.get()));
  if (pixels == nullptr) {
    vips_error_clear();
    return false;
  }
  image = std::move(pixels);
  return true;
}

bool TurnUpright(Image& image, int orientation) {
  if (orientation == 1) return true;
  // Setting a field requires a private copy of the image.
  return Apply(image,
               [](VipsImage* in, VipsImage** out) {
                 return vips_copy(in, out, nullptr);
               }) &&
         Apply(image,
               [orientation](VipsImage* in, VipsImage** out) {
                 vips_image_set_int(in, VIPS_META_ORIENTATION, orientation);
                 return vips_autorot(in, out, nullptr);
               }) &&
         IntoMemory(image);
}

// 8-bit sRGB, upright, in memory, at most `side` pixels on the longer side.
absl::StatusOr<Image> Decode(const WalkedPicture& picture, int side) {
  ASSIGN_OR_RETURN(Pixels pixels, OpenPixels(picture, side));
  Image image = std::move(pixels.image);
  const bool decoded = Flatten(image) &&
                       Shrink(image, picture.width, picture.height, side) &&
                       ConvertToSrgb(image, picture) && IntoMemory(image);
  if (!decoded || pixels.incomplete() ||
      !TurnUpright(image, picture.orientation)) {
    return Damaged();
  }
  return image;
}

absl::StatusOr<std::string> Encode(VipsImage* image) {
  void* bytes = nullptr;
  std::size_t size = 0;
  if (vips_jpegsave_buffer(image, &bytes, &size, "Q", kJpegQuality,
                           "optimize_coding", TRUE, "strip", TRUE,
                           nullptr) != 0) {
    vips_error_clear();
    return absl::InternalError("libvips cannot write a JPEG");
  }
  std::string jpeg(static_cast<const char*>(bytes), size);
  g_free(bytes);
  return jpeg;
}

std::string_view ContentTypeOf(PictureType type) {
  constexpr std::array<std::string_view, 5> kTypes = {
      "", "image/jpeg", "image/png", "image/webp", "image/heic"};
  return kTypes[static_cast<std::size_t>(type)];
}

PictureInfo Describe(std::string_view file, const WalkedPicture& picture) {
  PictureInfo info;
  info.width = picture.width;
  info.height = picture.height;
  if (picture.orientation > 4) std::swap(info.width, info.height);
  info.size_bytes = static_cast<std::int64_t>(file.size());
  info.content_type = ContentTypeOf(picture.type);
  return info;
}

// libvips before 8.15 generates code at run time with Orc, which keeps the
// executable memory and doubles the speed.  The first use maps it here, since
// the sandbox forbids that later.
bool WarmUp() {
  VipsImage* black = nullptr;
  if (vips_black(&black, 64, 64, "bands", 3, nullptr) != 0) return false;
  Image image(black);
  return Apply(image,
               [](VipsImage* in, VipsImage** out) {
                 return vips_resize(in, out, 0.4, nullptr);
               }) &&
         IntoMemory(image);
}

}  // namespace

absl::Status StartLibraries() {
  // They log as much about bad files as an uploader provokes.
  const auto ignore = [](const char*, GLogLevelFlags, const char*, void*) {};
  g_log_set_handler("VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK),
                    ignore, nullptr);
  if (VIPS_INIT("pinhole-decoder") != 0) {
    absl::Status status = absl::InternalError(
        fmt::format("cannot initialize libvips: {}", vips_error_buffer()));
    vips_error_clear();
    return status;
  }
  vips_cache_set_max(0);
  vips_concurrency_set(1);
  if (!WarmUp()) return absl::InternalError("libvips cannot resize an image");
  vips_block_untrusted_set(TRUE);
  vips_operation_block_set("VipsForeignLoad", TRUE);
  for (const char* loader : {"VipsForeignLoadPng", "VipsForeignLoadWebp"}) {
    vips_operation_block_set(loader, FALSE);
  }
  if (heif_init(nullptr).code != heif_error_Ok) {
    return absl::InternalError("cannot initialize libheif");
  }
  if (heif_have_decoder_for_format(heif_compression_HEVC) == 0) {
    return absl::InternalError(
        "libheif has no decoder for HEVC; install its plugin for libde265");
  }
  return absl::OkStatus();
}

absl::StatusOr<Renditions> Render(std::string_view file) {
  ASSIGN_OR_RETURN(WalkedPicture picture, WalkPicture(file));
  Renditions renditions;
  renditions.info = Describe(file, picture);
  // Each from the next larger one, since decoding is the expensive part.
  std::size_t i = kRenditions.size() - 1;
  ASSIGN_OR_RETURN(Image image, Decode(picture, kRenditions[i].side));
  picture.bytes = std::string();
  while (true) {
    ASSIGN_OR_RETURN(renditions.files[i], Encode(image.get()));
    if (i == 0) return renditions;
    --i;
    if (!Shrink(image, renditions.info.width, renditions.info.height,
                kRenditions[i].side) ||
        !IntoMemory(image)) {
      return absl::InternalError("libvips cannot shrink a picture");
    }
  }
}

}  // namespace pinhole::media
