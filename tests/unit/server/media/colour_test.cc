// SPDX-License-Identifier: Apache-2.0

// Colours of pictures without a profile are unchanged, others are converted to
// sRGB.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/media/decode/colour.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/media/picture_fixture.h"

namespace pinhole::media {
namespace {

using ::pinhole::testing::IsOk;

using Colour = std::array<int, 3>;

constexpr int kPatch = 32;  // Pixels on a side: more than JPEG's blocks.

std::vector<Colour> Greys() {
  std::vector<Colour> greys;
  for (int i = 0; i <= 15; ++i) greys.push_back({17 * i, 17 * i, 17 * i});
  return greys;
}

std::vector<Colour> Colours() {
  return {{255, 255, 255}, {0, 0, 0},     {255, 0, 0},     {0, 255, 0},
          {0, 0, 255},     {255, 255, 0}, {0, 255, 255},   {255, 0, 255},
          {200, 150, 120}, {30, 30, 60},  {128, 128, 128}, {20, 40, 20}};
}

// How a test picture is stored.
struct Form {
  std::string name;
  int bands = 3;  // 1 grey, 2 grey with alpha, 3 RGB, 4 RGB with alpha.
  bool deep = false;
  std::function<int(VipsImage*, void**, size_t*)> save;
};

// Patches of `colours` side by side.
std::string Save(const Form& form, const std::vector<Colour>& colours) {
  const int width = kPatch * static_cast<int>(colours.size());
  std::vector<std::uint16_t> samples;
  for (int y = 0; y < kPatch; ++y) {
    for (int x = 0; x < width; ++x) {
      const Colour& colour = colours[static_cast<std::size_t>(x / kPatch)];
      for (int band = 0; band < form.bands; ++band) {
        const bool alpha = form.bands % 2 == 0 && band == form.bands - 1;
        const int value = alpha ? 255 : colour[static_cast<std::size_t>(band)];
        samples.push_back(
            static_cast<std::uint16_t>(form.deep ? 257 * value : value));
      }
    }
  }
  Image image(vips_image_new_from_memory_copy(samples.data(),
                                              2 * samples.size(), width, kPatch,
                                              form.bands, VIPS_FORMAT_USHORT));
  const bool grey = form.bands < 3;
  const VipsInterpretation interpretation =
      form.deep
          ? (grey ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16)
          : (grey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB);
  EXPECT_TRUE(Apply(image, [&](VipsImage* in, VipsImage** out) {
    return vips_cast(
        in, out, form.deep ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR, nullptr);
  }));
  EXPECT_TRUE(Apply(image, [&](VipsImage* in, VipsImage** out) {
    return vips_copy(in, out, "interpretation", interpretation, nullptr);
  }));
  void* bytes = nullptr;
  size_t size = 0;
  EXPECT_EQ(form.save(image.get(), &bytes, &size), 0) << vips_error_buffer();
  std::string file(static_cast<const char*>(bytes), size);
  g_free(bytes);
  return file;
}

Form Png(const std::string& name, int bands, bool deep, int bitdepth = 0) {
  return {name, bands, deep, [=](VipsImage* in, void** bytes, size_t* size) {
            const int depth = bitdepth > 0 ? bitdepth : deep ? 16 : 8;
            return vips_pngsave_buffer(in, bytes, size, "bitdepth", depth,
                                       "strip", TRUE, nullptr);
          }};
}

Form Interlaced(const std::string& name, int bands, bool deep) {
  return {name, bands, deep, [](VipsImage* in, void** bytes, size_t* size) {
            return vips_pngsave_buffer(in, bytes, size, "interlace", TRUE,
                                       "strip", TRUE, nullptr);
          }};
}

Form Jpeg(const std::string& name, int bands, bool progressive) {
  return {name, bands, false, [=](VipsImage* in, void** bytes, size_t* size) {
            return vips_jpegsave_buffer(in, bytes, size, "Q", 95, "interlace",
                                        progressive, "strip", TRUE, nullptr);
          }};
}

Form Webp(const std::string& name, int bands, bool lossless) {
  return {name, bands, false, [=](VipsImage* in, void** bytes, size_t* size) {
            return vips_webpsave_buffer(in, bytes, size, "Q", 95, "lossless",
                                        lossless, "strip", TRUE, nullptr);
          }};
}

class PatchTest : public PictureTest {
 protected:
  // The colours at the centres of the patches in the large rendition.
  std::vector<Colour> PatchesOf(std::size_t count) {
    const DecodedPicture pixels(folder() / kLargeFile);
    const int width = pixels.width() / static_cast<int>(count);
    std::vector<Colour> patches;
    for (int i = 0; i < static_cast<int>(count); ++i) {
      patches.push_back(pixels.At(width * i + width / 2, pixels.height() / 2));
    }
    return patches;
  }

  void ExpectPatches(const std::vector<Colour>& wanted, int tolerance) {
    const std::vector<Colour> got = PatchesOf(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      for (std::size_t band = 0; band < 3; ++band) {
        EXPECT_NEAR(got[i][band], wanted[i][band], tolerance)
            << "patch " << i << ", band " << band;
      }
      if (wanted[i] == Colour{255, 255, 255}) {
        EXPECT_EQ(got[i], wanted[i]) << "white";
      }
    }
  }
};

class UntaggedTest : public PatchTest,
                     public ::testing::WithParamInterface<Form> {};

TEST_P(UntaggedTest, GreysStayWithinThreeLevels) {
  // Fewer bits have fewer greys.
  std::vector<Colour> greys = Greys();
  if (GetParam().name == "png_grey_1") greys = {greys.front(), greys.back()};
  if (GetParam().name == "png_grey_2") {
    greys = {greys[0], greys[5], greys[10], greys[15]};
  }

  ASSERT_THAT(RenderBytes(Save(GetParam(), greys)), IsOk());

  ExpectPatches(greys, 3);
}

TEST_P(UntaggedTest, ColoursStayWithinThreeLevels) {
  if (GetParam().bands < 3) return;  // Only greys exist.

  ASSERT_THAT(RenderBytes(Save(GetParam(), Colours())), IsOk());

  ExpectPatches(Colours(), 3);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, UntaggedTest,
    ::testing::Values(
        Png("png_grey_1", 1, false, 1), Png("png_grey_2", 1, false, 2),
        Png("png_grey_4", 1, false, 4), Png("png_grey_8", 1, false),
        Png("png_grey_16", 1, true), Png("png_grey_alpha", 2, false),
        Png("png_grey_alpha_16", 2, true), Png("png_rgb", 3, false),
        Png("png_rgb_16", 3, true), Png("png_rgba", 4, false),
        Png("png_rgba_16", 4, true), Interlaced("png_interlaced", 3, false),
        Interlaced("png_interlaced_rgba_16", 4, true),
        Jpeg("jpeg_grey", 1, false), Jpeg("jpeg_rgb", 3, false),
        Jpeg("jpeg_progressive", 3, true),
        Jpeg("jpeg_grey_progressive", 1, true), Webp("webp_lossy", 3, false),
        Webp("webp_lossless", 3, true), Webp("webp_alpha", 4, false),
        Webp("webp_lossless_alpha", 4, true)),
    [](const auto& test) { return test.param.name; });

// A picture in the colours of one of libvips' built-in profiles.
Form WithProfile(const char* profile, int bands) {
  return {
      profile, bands, false, [=](VipsImage* in, void** bytes, size_t* size) {
        Image converted(in);
        g_object_ref(in);
        const bool made = Apply(converted, [&](VipsImage* from,
                                               VipsImage** out) {
          return vips_icc_transform(from, out, profile, "input_profile", "srgb",
                                    "intent", VIPS_INTENT_RELATIVE, nullptr);
        });
        return made ? vips_jpegsave_buffer(converted.get(), bytes, size, "Q",
                                           98, "no_subsample", TRUE, nullptr)
                    : -1;
      }};
}

TEST_F(PatchTest, PictureInDisplayP3IsConverted) {
  const std::vector<Colour> colours = {{255, 255, 255},
                                       {200, 40, 40},
                                       {40, 180, 60},
                                       {40, 60, 200},
                                       {60, 60, 60}};

  ASSERT_THAT(RenderBytes(Save(WithProfile("p3", 3), colours)), IsOk());

  ExpectPatches(colours, 4);
}

TEST_F(PatchTest, PictureInCmykIsConvertedByItsProfile) {
  // Colours that can be printed.
  const std::vector<Colour> colours = {
      {200, 150, 120}, {128, 128, 128}, {120, 60, 60}, {60, 80, 60}};

  ASSERT_THAT(RenderBytes(Save(WithProfile("cmyk", 3), colours)), IsOk());

  ExpectPatches(colours, 12);
}

TEST_F(PatchTest, HeicInDisplayP3ByNumberIsConverted) {
  ASSERT_THAT(Render(Fixture("nclx-p3.heic")), IsOk());

  ExpectPatches({{200, 40, 40},
                 {40, 180, 60},
                 {40, 60, 200},
                 {128, 128, 128},
                 {230, 230, 230},
                 {60, 60, 60}},
                14);
}

TEST_F(PatchTest, HeicInPqIsShownAtTheBrightnessOfSdr) {
  ASSERT_THAT(Render(Fixture("hdr-pq.heic")), IsOk());

  ExpectPatches({{200, 40, 40},
                 {40, 180, 60},
                 {40, 60, 200},
                 {128, 128, 128},
                 {230, 230, 230},
                 {60, 60, 60}},
                30);
}

// By code point, without an encoder for HEIC: the conversion alone.
struct Code {
  std::string name;
  ColourCode code;
  // A value of all three bands, from 0 to 1, and its 8-bit result.
  double value;
  int wanted;
};

class CodeTest : public PictureTest,
                 public ::testing::WithParamInterface<Code> {};

TEST_P(CodeTest, GreyStaysGreyAndHasItsBrightness) {
  const Code& code = GetParam();
  for (const bool deep : {false, true}) {
    const double most = deep ? 65535 : 255;
    Image image;
    VipsImage* black = nullptr;
    ASSERT_EQ(vips_black(&black, 8, 8, "bands", 3, nullptr), 0);
    image.reset(black);
    ASSERT_TRUE(Apply(image, [&](VipsImage* in, VipsImage** out) {
      return vips_linear1(in, out, 1, std::round(most * code.value), nullptr);
    }));
    ASSERT_TRUE(Apply(image, [&](VipsImage* in, VipsImage** out) {
      return vips_cast(in, out, deep ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR,
                       nullptr);
    }));
    ASSERT_TRUE(Apply(image, [&](VipsImage* in, VipsImage** out) {
      return vips_copy(
          in, out, "interpretation",
          deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB, nullptr);
    }));
    WalkedPicture picture;
    picture.colour = code.code;

    ASSERT_TRUE(ConvertToSrgb(image, picture));

    double* values = nullptr;
    int bands = 0;
    ASSERT_EQ(vips_getpoint(image.get(), &values, &bands, 4, 4, nullptr), 0);
    ASSERT_EQ(bands, 3);
    for (int band = 0; band < 3; ++band) {
      EXPECT_NEAR(values[band], code.wanted, 2) << "deep " << deep;
    }
    g_free(values);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Codes, CodeTest,
    ::testing::Values(
        Code{"srgb", {1, 13, 0, true}, 0.5, 128},
        Code{"unspecified", {2, 2, 2, true}, 0.5, 128},
        Code{"bt709", {1, 1, 1, false}, 0.5, 128},
        Code{"bt601", {6, 6, 6, false}, 1, 255},
        Code{"display_p3", {12, 13, 6, true}, 0.5, 128},
        Code{"display_p3_white", {12, 13, 6, true}, 1, 255},
        Code{"bt2020_white", {9, 14, 9, false}, 1, 255},
        Code{"gamma_2_2", {1, 4, 1, true}, 0.5, 128},
        Code{"linear", {1, 8, 0, true}, 0.2140, 128},
        Code{"pq_black", {9, 16, 9, true}, 0, 0},
        // 0.58 is 203 cd/m2, the white of SDR: 0.89 of white light.
        Code{"pq_sdr_white", {9, 16, 9, true}, 0.5807, 242},
        Code{"pq_brightest", {9, 16, 9, true}, 1, 255},
        Code{"hlg_sdr_white", {9, 18, 9, true}, 0.75, 242},
        Code{"unknown", {77, 99, 9, true}, 0.5, 128}),
    [](const auto& test) { return test.param.name; });

// 21 % of white light, sRGB 128, is below the knee.
TEST_F(PictureTest, ToneCurveLeavesWhatIsBelowItsKnee) {
  WalkedPicture picture;
  picture.colour = ColourCode{9, 16, 9, true};
  VipsImage* black = nullptr;
  ASSERT_EQ(vips_black(&black, 1, 1, "bands", 3, nullptr), 0);
  Image image(black);
  // PQ of 0.2140 * 203 cd/m2, by ST 2084.
  ASSERT_TRUE(Apply(image, [](VipsImage* in, VipsImage** out) {
    return vips_linear1(in, out, 1, std::round(0.4270 * 65535), nullptr);
  }));
  ASSERT_TRUE(Apply(image, [](VipsImage* in, VipsImage** out) {
    return vips_cast_ushort(in, out, nullptr);
  }));

  ASSERT_TRUE(ConvertToSrgb(image, picture));

  double* values = nullptr;
  int bands = 0;
  ASSERT_EQ(vips_getpoint(image.get(), &values, &bands, 0, 0, nullptr), 0);
  EXPECT_NEAR(values[0], 128, 2);
  g_free(values);
}

// The same samples, (125, 0, 128) with alpha 126: a colour of half the
// intensity, or a premultiplied one of full intensity.
TEST_F(PatchTest, HeicIsFlattenedByWhetherItsColoursAreMultiplied) {
  ASSERT_THAT(Render(Fixture("transparent.heic")), IsOk());
  ExpectPatches(std::vector<Colour>(4, {191, 129, 192}), 6);

  ASSERT_THAT(Render(Fixture("premultiplied.heic")), IsOk());
  ExpectPatches(std::vector<Colour>(4, {254, 129, 255}), 6);
}

TEST_F(PatchTest, ProfileThatDoesNotFitThePictureIsIgnored) {
  ASSERT_THAT(Render(Fixture("grey-with-rgb-profile.jpg")), IsOk());
}

}  // namespace
}  // namespace pinhole::media
