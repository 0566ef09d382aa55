// SPDX-License-Identifier: Apache-2.0

#include "server/media/picture.h"

#include <vips/vips.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <utility>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/media/file.h"
#include "server/media/structure.h"

// Memory.  Baseline JPEG (shrunk while decoding), PNG and WebP are read in
// strips where the format allows it.  A whole picture is held for a progressive
// JPEG (6 bytes a pixel), HEIC (about 7), WebP (4) and an interlaced PNG (at
// most 8), so kMaxPhotoPixels bounds one call at 8 * 64 Mi = 512 MiB; add 13 MB
// for the large rendition.  The pool that renders bounds how many run at once.

namespace pinhole::media {
namespace {

namespace fs = std::filesystem;

constexpr int kJpegQuality = 82;
// More scans than any encoder makes cost minutes to decode.
constexpr int kMaxScans = 100;
constexpr std::size_t kSniffBytes = 64;

struct Type {
  std::string_view content_type;
  std::string_view loader;  // The start of libvips' name for it.
};
constexpr std::array<Type, 4> kTypes = {{{"image/jpeg", "jpegload"},
                                         {"image/png", "pngload"},
                                         {"image/webp", "webpload"},
                                         {"image/heic", "heifload"}}};

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
using Image = std::unique_ptr<VipsImage, Unref>;
using Source = std::unique_ptr<VipsSource, Unref>;

// The first call of libvips that fails says all: the file passed every check of
// ours, so it is damaged.  libvips' own text is process-wide, so another call's
// may be mixed in, and it is never shown.
absl::Status DecodeError() {
  vips_error_clear();
  return Damaged();
}

// Everything that can be known without decoding.
absl::StatusOr<PictureInfo> CheckFile(const fs::path& original) {
  ASSIGN_OR_RETURN(File file, File::Open(original));
  PictureInfo info;
  ASSIGN_OR_RETURN(info.size_bytes, file.SizeBytes());
  if (info.size_bytes == 0) return EmptyFile();
  ASSIGN_OR_RETURN(const std::string head, file.Read(kSniffBytes));
  info.content_type = SniffContentType(head);
  if (info.content_type.empty()) return UnsupportedType();
  ASSIGN_OR_RETURN(const Structure structure,
                   ReadStructure(file, info.content_type));
  if (structure.width != 0) {
    RETURN_IF_ERROR(CheckSize(structure.width, structure.height));
  }
  if (structure.moving) return MultipleFrames();
  if (!structure.complete || structure.scans > kMaxScans) return Damaged();
  return info;
}

absl::StatusOr<Source> OpenSource(const fs::path& original) {
  // Not by name alone: libvips takes "name[options]" apart.
  Source source(vips_source_new_from_file(original.c_str()));
  if (source == nullptr) {
    vips_error_clear();
    return absl::DataLossError("cannot open " + original.string());
  }
  return source;
}

// What only the decoder's own view of the header tells; also that it takes the
// file for the same type as we do.
absl::Status CheckHeader(const fs::path& original, PictureInfo& info) {
  ASSIGN_OR_RETURN(const Source source, OpenSource(original));
  const Image image(vips_image_new_from_source(
      source.get(), "", "access", VIPS_ACCESS_SEQUENTIAL, nullptr));
  if (image == nullptr) return DecodeError();
  info.width = vips_image_get_width(image.get());
  info.height = vips_image_get_height(image.get());
  RETURN_IF_ERROR(CheckSize(info.width, info.height));
  if (vips_image_get_orientation_swap(image.get())) {
    std::swap(info.width, info.height);
  }
  if (vips_image_get_n_pages(image.get()) > 1) return MultipleFrames();
  const char* loader = "";
  const char* compression = "hevc";
  vips_image_get_string(image.get(), VIPS_META_LOADER, &loader);
  if (vips_image_get_typeof(image.get(), "heif-compression") != 0) {
    vips_image_get_string(image.get(), "heif-compression", &compression);
  }
  const auto type = std::find_if(
      kTypes.begin(), kTypes.end(),
      [&info](const Type& t) { return t.content_type == info.content_type; });
  if (std::string_view(loader).substr(0, type->loader.size()) != type->loader ||
      std::string_view(compression) != "hevc") {
    return UnsupportedType();  // AVIF calls itself "mif1", too.
  }
  return absl::OkStatus();
}

// Puts what `step` makes in the place of `image`.
template <typename Step>
absl::Status Apply(Image& image, Step step) {
  VipsImage* result = nullptr;
  if (step(image.get(), &result) != 0) return DecodeError();
  image.reset(result);
  return absl::OkStatus();
}

// Upright, 8-bit sRGB without transparency, in memory.
absl::StatusOr<Image> DecodeLarge(const fs::path& original, int side) {
  ASSIGN_OR_RETURN(const Source source, OpenSource(original));
  VipsImage* decoded = nullptr;
  if (vips_thumbnail_source(source.get(), &decoded, side, "height", side,
                            "size", VIPS_SIZE_DOWN, "export_profile", "srgb",
                            "fail_on", VIPS_FAIL_ON_ERROR, nullptr) != 0) {
    return DecodeError();
  }
  Image image(decoded);
  RETURN_IF_ERROR(Apply(image, [](VipsImage* in, VipsImage** out) {
    return vips_colourspace(in, out, VIPS_INTERPRETATION_sRGB, nullptr);
  }));
  if (vips_image_hasalpha(image.get())) {
    RETURN_IF_ERROR(Apply(image, [](VipsImage* in, VipsImage** out) {
      const std::array<double, 3> white = {255, 255, 255};
      const std::unique_ptr<VipsArrayDouble, void (*)(VipsArrayDouble*)>
          background(vips_array_double_new(white.data(), 3),
                     [](VipsArrayDouble* a) {
                       vips_area_unref(reinterpret_cast<VipsArea*>(a));
                     });
      return vips_flatten(in, out, "background", background.get(), nullptr);
    }));
  }
  RETURN_IF_ERROR(Apply(image, [](VipsImage* in, VipsImage** out) {
    return vips_cast_uchar(in, out, nullptr);
  }));
  // This is where decoding happens, once for all renditions.
  Image pixels(vips_image_copy_memory(image.get()));
  if (pixels == nullptr) return DecodeError();
  return pixels;
}

absl::Status Write(const Image& image, const fs::path& path) {
  void* bytes = nullptr;
  std::size_t size = 0;
  if (vips_jpegsave_buffer(image.get(), &bytes, &size, "Q", kJpegQuality,
                           "optimize_coding", TRUE, "strip", TRUE,
                           nullptr) != 0) {
    return DecodeError();
  }
  const std::unique_ptr<void, void (*)(void*)> owner(bytes, g_free);
  ASSIGN_OR_RETURN(File file, File::Create(path));
  return file.Append({static_cast<const char*>(bytes), size});
}

absl::Status Shrink(Image& image, int side) {
  RETURN_IF_ERROR(Apply(image, [side](VipsImage* in, VipsImage** out) {
    return vips_thumbnail_image(in, out, side, "height", side, "size",
                                VIPS_SIZE_DOWN, nullptr);
  }));
  Image pixels(vips_image_copy_memory(image.get()));
  if (pixels == nullptr) return DecodeError();
  image = std::move(pixels);
  return absl::OkStatus();
}

absl::Status StartVips() {
  // It warns about bad files on standard error, at the will of whoever uploads.
  const auto ignore = [](const char*, GLogLevelFlags, const char*, void*) {};
  g_log_set_handler("VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK),
                    ignore, nullptr);
  if (VIPS_INIT("pinhole") != 0) {
    absl::Status status = absl::InternalError(
        fmt::format("libvips does not start: {}", vips_error_buffer()));
    vips_error_clear();
    return status;
  }
  vips_cache_set_max(0);
  vips_concurrency_set(1);
  vips_block_untrusted_set(TRUE);
  vips_operation_block_set("VipsForeignLoad", TRUE);
  for (const char* loader : {"VipsForeignLoadJpeg", "VipsForeignLoadPng",
                             "VipsForeignLoadWebp", "VipsForeignLoadHeif"}) {
    vips_operation_block_set(loader, FALSE);
  }
  return absl::OkStatus();
}

// Once per process, with untrusted loaders blocked and its caches off.  With
// the first picture, not with the server: its types and the pages of its
// libraries take 10 MB.
absl::Status StartVipsOnce() {
  static const absl::Status& started = *new absl::Status(StartVips());
  return started;
}

}  // namespace

absl::StatusOr<PictureInfo> RenderPicture(const fs::path& original,
                                          const fs::path& folder) {
  RETURN_IF_ERROR(StartVipsOnce());
  // libvips keeps buffers per thread, which would stay with the pool's threads.
  struct ThreadBuffers {
    ~ThreadBuffers() { vips_thread_shutdown(); }
  } const buffers;
  ASSIGN_OR_RETURN(PictureInfo info, CheckFile(original));
  RETURN_IF_ERROR(CheckHeader(original, info));
  struct Rendition {
    int side;
    std::string_view file;
  };
  // Each from the one before: decoding is the dear part.
  constexpr Rendition kLarge = {2048, kLargeFile};
  constexpr std::array<Rendition, 2> kSmaller = {
      {{1080, kMediumFile}, {320, kThumbnailFile}}};
  ASSIGN_OR_RETURN(Image image, DecodeLarge(original, kLarge.side));
  RETURN_IF_ERROR(Write(image, folder / kLarge.file));
  for (const Rendition& rendition : kSmaller) {
    RETURN_IF_ERROR(Shrink(image, rendition.side));
    RETURN_IF_ERROR(Write(image, folder / rendition.file));
  }
  return info;
}

}  // namespace pinhole::media
