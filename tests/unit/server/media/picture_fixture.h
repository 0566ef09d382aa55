// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vips/vips.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/media/decode/render.h"
#include "server/media/renditions.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/server/media/test_pictures.h"

namespace pinhole::media {

inline constexpr std::string_view kThumbnailFile = kRenditions[0].file;
inline constexpr std::string_view kMediumFile = kRenditions[1].file;
inline constexpr std::string_view kLargeFile = kRenditions[2].file;

// A decoded rendition, which must be a JPEG of plain 8-bit sRGB.
class DecodedPicture {
 public:
  explicit DecodedPicture(const std::filesystem::path& path) {
    if (vips_jpegload(path.c_str(), &image_, nullptr) != 0) {
      ADD_FAILURE() << path << ": " << vips_error_buffer();
      vips_error_clear();
      vips_black(&image_, 1, 1, "bands", 3, nullptr);
    }
    EXPECT_EQ(vips_image_get_interpretation(image_), VIPS_INTERPRETATION_sRGB);
    EXPECT_EQ(vips_image_get_bands(image_), 3);
  }
  ~DecodedPicture() { g_object_unref(image_); }
  DecodedPicture(const DecodedPicture&) = delete;
  DecodedPicture& operator=(const DecodedPicture&) = delete;

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

  // The name of the colour of the quarter at that point.
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

// Renders pictures in this process, into a temporary directory.
class PictureTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(std::filesystem::exists(TestPicture("complete")))
        << "the test pictures are missing; run: "
           "script/test-pictures build/test-pictures";
    static const absl::Status& started = *new absl::Status(StartLibraries());
    ASSERT_TRUE(started.ok()) << started;
    // Lets the tests read renditions.
    vips_operation_block_set("VipsForeignLoadJpeg", FALSE);
  }

  absl::StatusOr<PictureInfo> Render(const std::filesystem::path& original) {
    return RenderBytes(ReadAll(original));
  }
  absl::StatusOr<PictureInfo> RenderBytes(std::string_view bytes) {
    absl::StatusOr<Renditions> made = media::Render(bytes);
    for (std::size_t i = 0; i < kRenditions.size(); ++i) {
      std::filesystem::remove(folder() / kRenditions[i].file);
      if (made.ok()) WriteAll(folder() / kRenditions[i].file, made->files[i]);
    }
    if (!made.ok()) return made.status();
    return std::move(made->info);
  }

  std::filesystem::path folder() const { return dir_.path(); }

 private:
  testing::TempDir dir_;
};

}  // namespace pinhole::media
