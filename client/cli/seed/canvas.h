// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <vector>

#include "client/lab/core/random.h"

namespace pinhole::cli::seed {

// Linear light: 0 is black, 1 is white; a pixel is clamped to 1.
struct Colour {
  float red = 0;
  float green = 0;
  float blue = 0;
};

Colour Mix(Colour from, Colour to, float share);
Colour Scale(Colour colour, float factor);
Colour Sum(Colour a, Colour b);

// The colour of a hue (0 to 1 around the wheel) with saturation and value.
Colour FromHue(double hue, double saturation, double value);

// A picture that is being drawn.  The origin is at the top left.
class Canvas {
 public:
  Canvas(int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }
  Colour& At(int x, int y) { return pixels_[y * width_ + x]; }
  const Colour& At(int x, int y) const { return pixels_[y * width_ + x]; }

  // Draws a gradient from `top` to `bottom` between the rows `from` and `to`.
  void Gradient(Colour top, Colour bottom, int from, int to);

  // Adds a disc of light with an edge and, around it, a glow.
  void Disc(double x, double y, double radius, Colour light, double glow);

  // Fills everything below a ridge: a line of heights, one for each column.
  void FillBelow(const std::vector<double>& ridge, Colour top, Colour bottom);

  void Rectangle(int x, int y, int width, int height, Colour colour);

  // Adds the grain of film.
  void Grain(lab::Random& random, double strength);

  // Rows of red, green and blue bytes.
  std::vector<std::uint8_t> Pixels() const;

 private:
  int width_;
  int height_;
  std::vector<Colour> pixels_;
};

// A natural outline around `middle`: hills of `height`, rougher with more
// `roughness` (0 to 1).
std::vector<double> Ridge(lab::Random& random, int width, double middle,
                          double height, double roughness);

}  // namespace pinhole::cli::seed
