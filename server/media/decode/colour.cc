// SPDX-License-Identifier: Apache-2.0

#include "server/media/decode/colour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "server/media/walk/colour_profile.h"

namespace pinhole::media {
namespace {

// Code points of ITU-T H.273, tables 2 and 3.
enum Primaries { kBt2020 = 9, kDciP3 = 11, kDisplayP3 = 12 };
enum Transfer { kGamma22 = 4, kGamma28 = 5, kLinear = 8, kPq = 16, kHlg = 18 };

// Light is in units of SDR white, which HDR puts at 203 cd/m2 (ITU-R BT.2408).
constexpr double kWhiteNits = 203;
// The upper end of the tone curve: 1624 cd/m2.
constexpr double kMaxLight = 8;

using Matrix = std::array<double, 9>;

// From linear light of the primaries to that of sRGB, all with white D65:
// products of the matrices to and from XYZ that follow from the chromaticities
// in H.273.  DCI-P3 (11) differs from Display P3 only in its white, to which
// eyes adapt.
constexpr Matrix kFromDisplayP3 = {1.224940,  -0.224940, 0,
                                   -0.042057, 1.042057,  0,
                                   -0.019638, -0.078636, 1.098274};
constexpr Matrix kFromBt2020 = {1.660491,  -0.587641, -0.072850,
                                -0.124551, 1.132900,  -0.008349,
                                -0.018151, -0.100579, 1.118730};
constexpr Matrix kIdentity = {1, 0, 0, 0, 1, 0, 0, 0, 1};

const Matrix& MatrixOf(int primaries) {
  switch (primaries) {
    case kBt2020:
      return kFromBt2020;
    case kDciP3:
    case kDisplayP3:
      return kFromDisplayP3;
    default:  // BT.709 and, nearly the same, older television.
      return kIdentity;
  }
}

bool IsHdr(int transfer) { return transfer == kPq || transfer == kHlg; }

// IEC 61966-2-1.
double SrgbDecoded(double value) {
  return value <= 0.04045 ? value / 12.92
                          : std::pow((value + 0.055) / 1.055, 2.4);
}
double SrgbEncoded(double light) {
  return light <= 0.0031308 ? light * 12.92
                            : 1.055 * std::pow(light, 1 / 2.4) - 0.055;
}

// SMPTE ST 2084.
double PqDecoded(double value) {
  constexpr double kM1 = 2610.0 / 16384;
  constexpr double kM2 = 2523.0 / 4096 * 128;
  constexpr double kC1 = 3424.0 / 4096;
  constexpr double kC2 = 2413.0 / 4096 * 32;
  constexpr double kC3 = 2392.0 / 4096 * 32;
  const double root = std::pow(value, 1 / kM2);
  const double nits =
      10'000 *
      std::pow(std::max(root - kC1, 0.0) / (kC2 - kC3 * root), 1 / kM1);
  return nits / kWhiteNits;
}

// ITU-R BT.2100 for a display of 1000 cd/m2, whose system gamma of 1.2 is
// applied to each channel.
double HlgDecoded(double value) {
  constexpr double kA = 0.17883277;
  constexpr double kB = 1 - 4 * kA;
  const double kC = 0.5 - kA * std::log(4 * kA);
  const double scene = value <= 0.5 ? value * value / 3
                                    : (std::exp((value - kC) / kA) + kB) / 12;
  return 1000 * std::pow(scene, 1.2) / kWhiteNits;
}

double Decoded(int transfer, double value) {
  switch (transfer) {
    case kGamma22:
      return std::pow(value, 2.2);
    case kGamma28:
      return std::pow(value, 2.8);
    case kLinear:
      return value;
    case kPq:
      return PqDecoded(value);
    case kHlg:
      return HlgDecoded(value);
    default:
      // Displays show BT.709 and its relatives as they show sRGB.
      return SrgbDecoded(value);
  }
}

// The tone curve: light up to 0.7 of SDR white is unchanged; brighter light
// bends smoothly towards 1, which it never reaches.  SDR white itself becomes
// 0.89, which leaves room for highlights.
double ToneMapped(double light) {
  constexpr double kKnee = 0.7;
  if (light <= kKnee) return light;
  return kKnee + (1 - kKnee) * (1 - std::exp(-(light - kKnee) / (1 - kKnee)));
}

Image Table(const std::vector<float>& values) {
  return Image(vips_image_new_from_memory_copy(
      values.data(), values.size() * sizeof(float),
      static_cast<int>(values.size()), 1, 1, VIPS_FORMAT_FLOAT));
}

// Maps integer samples by a table with the values `at(i / last)` for every i.
template <typename Function>
bool MapSamples(Image& image, Function at) {
  const std::size_t size =
      vips_image_get_format(image.get()) == VIPS_FORMAT_UCHAR ? 256 : 65536;
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) {
    values[i] = static_cast<float>(
        at(static_cast<double>(i) / static_cast<double>(size - 1)));
  }
  const Image table = Table(values);
  return table != nullptr &&
         Apply(image, [&table](VipsImage* in, VipsImage** out) {
           return vips_maplut(in, out, table.get(), nullptr);
         });
}

bool Multiply(Image& image, const Matrix& matrix) {
  const Image m(vips_image_new_matrix_from_array(3, 3, matrix.data(), 9));
  return Apply(image, [&m](VipsImage* in, VipsImage** out) {
    return vips_recomb(in, out, m.get(), nullptr);
  });
}

bool ConvertByCode(Image& image, const ColourCode& code) {
  const double most = IsHdr(code.transfer) ? kMaxLight : 1;
  // To 16 bits of linear light, the input of the last table.
  return MapSamples(
             image,
             [&code](double value) { return Decoded(code.transfer, value); }) &&
         Multiply(image, MatrixOf(code.primaries)) &&
         Apply(image,
               [most](VipsImage* in, VipsImage** out) {
                 return vips_linear1(in, out, 65535 / most, 0.5, nullptr);
               }) &&
         Apply(image,
               [](VipsImage* in, VipsImage** out) {
                 return vips_cast_ushort(in, out, nullptr);
               }) &&
         MapSamples(image,
                    [&code, most](double value) {
                      const double light = value * most;
                      return 255 * SrgbEncoded(IsHdr(code.transfer)
                                                   ? ToneMapped(light)
                                                   : light);
                    }) &&
         Apply(image,
               [](VipsImage* in, VipsImage** out) {
                 return vips_rint(in, out, nullptr);
               }) &&
         Apply(image,
               [](VipsImage* in, VipsImage** out) {
                 return vips_cast_uchar(in, out, nullptr);
               }) &&
         Apply(image, [](VipsImage* in, VipsImage** out) {
           return vips_copy(in, out, "interpretation", VIPS_INTERPRETATION_sRGB,
                            nullptr);
         });
}

// Whether the code points name other colours than those assumed for untagged
// pictures.
bool DiffersFromSrgb(const ColourCode& code) {
  const bool same_primaries = &MatrixOf(code.primaries) == &kIdentity;
  const bool same_curve = code.transfer != kGamma22 &&
                          code.transfer != kGamma28 &&
                          code.transfer != kLinear && !IsHdr(code.transfer);
  return !same_primaries || !same_curve;
}

bool ConvertByProfile(Image& image, const std::string& profile) {
  return Apply(image,
               [](VipsImage* in, VipsImage** out) {
                 return vips_copy(in, out, nullptr);
               }) &&
         Apply(image, [&profile](VipsImage* in, VipsImage** out) {
           vips_image_set_blob_copy(in, VIPS_META_ICC_NAME, profile.data(),
                                    profile.size());
           return vips_icc_transform(in, out, "srgb", "embedded", TRUE,
                                     "intent", VIPS_INTENT_RELATIVE, nullptr);
         });
}

}  // namespace

bool ConvertToSrgb(Image& image, const WalkedPicture& picture) {
  const int bands = vips_image_get_bands(image.get());
  // A profile that cannot be used for any reason is treated as none.
  const bool converted =
      (ProfileFits(picture.profile, bands) &&
       ConvertByProfile(image, picture.profile)) ||
      (picture.colour && bands == 3 && DiffersFromSrgb(*picture.colour) &&
       ConvertByCode(image, *picture.colour));
  if (!converted && !Apply(image, [](VipsImage* in, VipsImage** out) {
        return vips_colourspace(in, out, VIPS_INTERPRETATION_sRGB, nullptr);
      })) {
    return false;
  }
  return Apply(image, [](VipsImage* in, VipsImage** out) {
    return vips_cast_uchar(in, out, nullptr);
  });
}

}  // namespace pinhole::media
