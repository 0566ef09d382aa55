// SPDX-License-Identifier: Apache-2.0

// Real photographs and broken files, collected by script/test-pictures.

#ifndef PINHOLE_TESTS_UNIT_SERVER_MEDIA_TEST_PICTURES_H_
#define PINHOLE_TESTS_UNIT_SERVER_MEDIA_TEST_PICTURES_H_

#include <vips/vips.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/media/picture.h"
#include "tests/support/temp_dir.h"

namespace pinhole::media {

inline std::filesystem::path TestPicture(std::string_view name) {
  return std::filesystem::path(PINHOLE_TEST_PICTURES) / name;
}

inline std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void WriteAll(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

// A decoded rendition, which must be a JPEG of plain 8-bit sRGB.
class Pixels {
 public:
  explicit Pixels(const std::filesystem::path& path) {
    if (vips_jpegload(path.c_str(), &image_, nullptr) != 0) {
      ADD_FAILURE() << path << ": " << vips_error_buffer();
      vips_error_clear();
      vips_black(&image_, 1, 1, "bands", 3, nullptr);
    }
    EXPECT_EQ(vips_image_get_interpretation(image_), VIPS_INTERPRETATION_sRGB);
    EXPECT_EQ(vips_image_get_bands(image_), 3);
  }
  ~Pixels() { g_object_unref(image_); }
  Pixels(const Pixels&) = delete;
  Pixels& operator=(const Pixels&) = delete;

  int width() const { return vips_image_get_width(image_); }
  int height() const { return vips_image_get_height(image_); }

  std::array<int, 3> At(int x, int y) const {
    double* values = nullptr;
    int bands = 0;
    EXPECT_EQ(vips_getpoint(image_, &values, &bands, x, y, nullptr), 0);
    const std::array<int, 3> rgb = {static_cast<int>(values[0]),
                                    static_cast<int>(values[1]),
                                    static_cast<int>(values[2])};
    g_free(values);
    return rgb;
  }

  // The colour of the picture's quarter there, by name.
  std::string QuarterAt(double x, double y) const {
    const auto [r, g, b] =
        At(static_cast<int>(width() * x), static_cast<int>(height() * y));
    if (r > 180 && g > 180 && b < 90) return "yellow";
    if (r > 180 && g < 90 && b < 90) return "red";
    if (r < 90 && g > 180 && b < 90) return "green";
    if (r < 90 && g < 90 && b > 180) return "blue";
    return "another colour";
  }

 private:
  VipsImage* image_ = nullptr;
};

// Renders pictures into a folder of its own, like an upload.
class PictureTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(std::filesystem::exists(TestPicture("complete")))
        << "the test pictures are missing; run: "
           "script/test-pictures build/test-pictures";
    ASSERT_EQ(VIPS_INIT("test"), 0);
  }

  absl::StatusOr<PictureInfo> Render(const std::filesystem::path& original) {
    for (const auto file : {kThumbnailFile, kMediumFile, kLargeFile}) {
      std::filesystem::remove(folder() / file);
    }
    return RenderPicture(original, folder());
  }
  absl::StatusOr<PictureInfo> RenderBytes(std::string_view bytes) {
    WriteAll(folder() / "original", bytes);
    return Render(folder() / "original");
  }

  std::filesystem::path folder() const { return dir_.path(); }

 private:
  testing::TempDir dir_;
};

}  // namespace pinhole::media

#endif  // PINHOLE_TESTS_UNIT_SERVER_MEDIA_TEST_PICTURES_H_
