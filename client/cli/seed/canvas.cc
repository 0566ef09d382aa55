// SPDX-License-Identifier: Apache-2.0

#include "client/cli/seed/canvas.h"

#include <algorithm>
#include <cmath>

namespace pinhole::cli::seed {

Colour Mix(Colour from, Colour to, float share) {
  return Sum(Scale(from, 1 - share), Scale(to, share));
}

Colour Scale(Colour colour, float factor) {
  return {colour.red * factor, colour.green * factor, colour.blue * factor};
}

Colour Sum(Colour a, Colour b) {
  return {a.red + b.red, a.green + b.green, a.blue + b.blue};
}

Colour FromHue(double hue, double saturation, double value) {
  const auto part = [&](double offset) {
    const double turn = std::fmod(hue + offset, 1.0) * 6;
    const double pure = std::clamp(std::abs(turn - 3) - 1, 0.0, 1.0);
    return static_cast<float>(value * (1 - saturation * (1 - pure)));
  };
  return {part(0), part(2.0 / 3), part(1.0 / 3)};
}

Canvas::Canvas(int width, int height)
    : width_(width),
      height_(height),
      pixels_(static_cast<std::size_t>(width) * height) {}

void Canvas::Gradient(Colour top, Colour bottom, int from, int to) {
  for (int y = std::max(from, 0); y < std::min(to, height_); ++y) {
    const float share =
        static_cast<float>(y - from) / static_cast<float>(to - from);
    const Colour colour = Mix(top, bottom, share);
    std::fill_n(&At(0, y), width_, colour);
  }
}

void Canvas::Disc(double x, double y, double radius, Colour light,
                  double glow) {
  const double reach = radius + glow * 3;
  const int top = std::max(0, static_cast<int>(y - reach));
  const int bottom = std::min(height_, static_cast<int>(y + reach) + 1);
  const int left = std::max(0, static_cast<int>(x - reach));
  const int right = std::min(width_, static_cast<int>(x + reach) + 1);
  for (int row = top; row < bottom; ++row) {
    for (int column = left; column < right; ++column) {
      const double outside = std::hypot(column - x, row - y) - radius;
      double strength = std::clamp(0.5 - outside, 0.0, 1.0);
      if (outside > 0 && glow > 0) {
        strength = std::max(strength, 0.6 * std::exp(-outside / glow * 1.5));
      }
      Colour& pixel = At(column, row);
      pixel = Sum(pixel, Scale(light, static_cast<float>(strength)));
    }
  }
}

void Canvas::FillBelow(const std::vector<double>& ridge, Colour top,
                       Colour bottom) {
  for (int x = 0; x < width_; ++x) {
    const int start = std::clamp(static_cast<int>(ridge[x]), 0, height_);
    for (int y = start; y < height_; ++y) {
      const float depth =
          2 * static_cast<float>(y - start) / static_cast<float>(height_);
      At(x, y) = Mix(top, bottom, std::min(depth, 1.0F));
    }
  }
}

void Canvas::Rectangle(int x, int y, int width, int height, Colour colour) {
  const int left = std::clamp(x, 0, width_);
  const int right = std::clamp(x + width, 0, width_);
  for (int row = std::max(y, 0); row < std::min(y + height, height_); ++row) {
    std::fill_n(&At(0, row) + left, right - left, colour);
  }
}

void Canvas::Grain(lab::Random& random, double strength) {
  for (Colour& pixel : pixels_) {
    const auto noise = static_cast<float>((random.Unit() - 0.5) * strength);
    pixel = Sum(pixel, {noise, noise, noise});
  }
}

std::vector<std::uint8_t> Canvas::Pixels() const {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(pixels_.size() * 3);
  const auto add = [&bytes](float light) {
    bytes.push_back(
        static_cast<std::uint8_t>(std::clamp(light, 0.0F, 1.0F) * 255));
  };
  for (const Colour& pixel : pixels_) {
    add(pixel.red);
    add(pixel.green);
    add(pixel.blue);
  }
  return bytes;
}

std::vector<double> Ridge(lab::Random& random, int width, double middle,
                          double height, double roughness) {
  std::vector<double> ridge(width, middle);
  double amplitude = height;
  for (double waves = random.Between(1, 2.5); waves < 80; waves *= 2.1) {
    const double phase = random.Between(0, 6.28);
    const double share = random.Between(0.6, 1);
    for (int x = 0; x < width; ++x) {
      ridge[x] +=
          amplitude * share * std::sin(phase + 6.28 * waves * x / width);
    }
    amplitude *= 0.25 + 0.35 * roughness;
  }
  return ridge;
}

}  // namespace pinhole::cli::seed
