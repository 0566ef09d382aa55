// SPDX-License-Identifier: Apache-2.0

// EncodeJpeg of picture.h: the one file that knows libjpeg.

#include <csetjmp>
#include <cstdio>
#include <cstdlib>

#include "client/cli/seed/picture.h"
// Needs <cstdio> before it.
#include <jpeglib.h>

namespace pinhole::cli::seed {
namespace {

constexpr int kQuality = 88;

struct Failure {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
};

[[noreturn]] void Fail(j_common_ptr info) {
  // `err` is the first member of a Failure.
  std::longjmp(reinterpret_cast<Failure*>(info->err)->jump, 1);
}

// Plain C inside: a jump over C++ objects would not destroy them.
bool Encode(const std::uint8_t* pixels, int width, int height,
            unsigned char** out,
            unsigned long* out_bytes) {  // NOLINT: as libjpeg.
  jpeg_compress_struct info;
  Failure failure;
  info.err = jpeg_std_error(&failure.manager);
  failure.manager.error_exit = Fail;
  if (setjmp(failure.jump) != 0) {
    jpeg_destroy_compress(&info);
    return false;
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, out, out_bytes);
  info.image_width = width;
  info.image_height = height;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, kQuality, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    // libjpeg does not write to the rows it reads, but takes no const.
    JSAMPROW row = const_cast<JSAMPROW>(
        pixels + static_cast<std::size_t>(info.next_scanline) * width * 3);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  return true;
}

}  // namespace

absl::StatusOr<std::string> EncodeJpeg(const Canvas& canvas) {
  const auto pixels = canvas.Pixels();
  unsigned char* bytes = nullptr;
  unsigned long size = 0;  // NOLINT: libjpeg's type.
  const bool done =
      Encode(pixels.data(), canvas.width(), canvas.height(), &bytes, &size);
  std::string file;
  if (done) file.assign(reinterpret_cast<char*>(bytes), size);
  std::free(bytes);
  if (!done) return absl::InternalError("cannot encode a picture");
  return file;
}

}  // namespace pinhole::cli::seed
