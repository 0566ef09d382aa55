// SPDX-License-Identifier: Apache-2.0

#include "client/cli/seed/picture.h"

#include <algorithm>
#include <cmath>

namespace pinhole::cli::seed {
namespace {

Canvas NewCanvas(lab::Random& random) {
  constexpr int kSizes[][2] = {
      {1200, 800}, {1280, 720}, {1000, 1000}, {800, 1200}, {1280, 853}};
  const auto& size = random.Pick(kSizes);
  return Canvas(size[0], size[1]);
}

void Hills(Canvas& canvas, lab::Random& random) {
  const int height = canvas.height();
  const double hue = random.Between(0.95, 1.12);
  const double horizon = height * random.Between(0.45, 0.65);
  const Colour sky = FromHue(random.Between(0.55, 0.75), 0.5, 0.6);
  const Colour glow = FromHue(hue, random.Between(0.4, 0.7), 0.95);
  canvas.Gradient(sky, glow, 0, static_cast<int>(horizon) + 1);
  // Haze, where the hills do not reach the horizon.
  canvas.Gradient(glow, Scale(glow, 0.8F), static_cast<int>(horizon), height);
  canvas.Disc(canvas.width() * random.Between(0.15, 0.85),
              horizon - height * random.Between(0.02, 0.2),
              height * random.Between(0.03, 0.06), {1, 0.9F, 0.7F},
              height * 0.12);
  const int layers = 3 + static_cast<int>(random.Below(4));
  const Colour near = FromHue(random.Between(0.2, 0.7), 0.5, 0.12);
  for (int layer = 0; layer < layers; ++layer) {
    const double depth = static_cast<double>(layer + 1) / layers;
    const Colour colour =
        Mix(Scale(glow, 0.8F), near, static_cast<float>(depth));
    const auto ridge =
        Ridge(random, canvas.width(),
              horizon + (height - horizon) * (depth - 0.25) * 0.9,
              height * random.Between(0.03, 0.08), depth * 0.6);
    canvas.FillBelow(ridge, colour, Scale(colour, 0.75F));
  }
}

// Turns what is above `horizon` upside down into rippled water below it.
void Mirror(Canvas& canvas, lab::Random& random, int horizon, Colour water) {
  const double waves = random.Between(0.15, 0.5);
  for (int y = horizon; y < canvas.height(); ++y) {
    const int depth = y - horizon;
    for (int x = 0; x < canvas.width(); ++x) {
      const double ripple =
          std::sin(depth * waves + x * 0.01) * (1 + depth * 0.02);
      const int from_y = std::clamp(
          horizon - 1 - depth - static_cast<int>(ripple * 2), 0, horizon - 1);
      const int from_x =
          std::clamp(x + static_cast<int>(ripple * 3), 0, canvas.width() - 1);
      canvas.At(x, y) = Mix(canvas.At(from_x, from_y), water, 0.3F);
    }
  }
}

void Lake(Canvas& canvas, lab::Random& random) {
  const int height = canvas.height();
  const int horizon = static_cast<int>(height * random.Between(0.5, 0.6));
  const double hue = random.Between(0.5, 0.62);
  canvas.Gradient(FromHue(hue, 0.6, random.Between(0.6, 0.9)),
                  FromHue(hue + 0.3, 0.15, 0.95), 0, horizon);
  for (int layer = 0; layer < 3; ++layer) {
    const double share = 0.35 + 0.2 * layer;
    const auto ridge = Ridge(random, canvas.width(), horizon * (share + 0.15),
                             height * (0.14 - 0.03 * layer), 0.8);
    const Colour rock =
        FromHue(hue + random.Between(-0.05, 0.05), 0.35, 0.75 - 0.2 * layer);
    const Colour top = layer == 0 ? Colour{0.95F, 0.96F, 1} : rock;
    canvas.FillBelow(ridge, top, Scale(rock, 0.55F));
  }
  Mirror(canvas, random, horizon, FromHue(hue, 0.6, 0.25));
}

void Building(Canvas& canvas, lab::Random& random, int x, int width, int top) {
  const auto shade = static_cast<float>(random.Between(0.03, 0.09));
  canvas.Rectangle(x, top, width, canvas.height() - top,
                   {shade, shade, shade * 1.5F});
  const int step = 9 + static_cast<int>(random.Below(5));
  const double lit = random.Between(0.15, 0.55);
  const Colour warm = FromHue(random.Between(0.08, 0.15), 0.5, 0.95);
  for (int row = top + step; row < canvas.height() - step; row += step + 3) {
    for (int column = x + 4; column + 6 < x + width; column += step) {
      if (!random.Chance(lit)) continue;
      canvas.Rectangle(column, row, 5, 7,
                       Scale(warm, static_cast<float>(random.Between(0.5, 1))));
    }
  }
}

void City(Canvas& canvas, lab::Random& random) {
  const int height = canvas.height();
  canvas.Gradient({0.01F, 0.01F, 0.06F},
                  FromHue(random.Between(0.6, 0.95), 0.6, 0.35), 0, height);
  for (int star = 0; star < 150; ++star) {
    canvas.Disc(random.Between(0, canvas.width()),
                random.Between(0, height * 0.5), random.Between(0.3, 1.2),
                Scale({1, 1, 1}, static_cast<float>(random.Between(0.3, 0.9))),
                0);
  }
  canvas.Disc(canvas.width() * random.Between(0.1, 0.9),
              height * random.Between(0.08, 0.25), height * 0.035,
              {0.9F, 0.9F, 0.8F}, height * 0.04);
  for (int layer = 0; layer < 2; ++layer) {
    for (int x = -20; x < canvas.width();) {
      const int width = 40 + static_cast<int>(random.Below(90));
      const double top = random.Between(0.3, 0.75) + 0.12 * layer;
      Building(canvas, random, x, width, static_cast<int>(height * top));
      x += width + static_cast<int>(random.Below(20 + 40 * layer));
    }
  }
}

void Sea(Canvas& canvas, lab::Random& random) {
  const int height = canvas.height();
  const int horizon = static_cast<int>(height * random.Between(0.4, 0.6));
  const double hue = random.Between(0.55, 0.72);
  const Colour low = FromHue(hue, 0.5, random.Between(0.3, 0.6));
  canvas.Gradient(FromHue(hue, 0.8, 0.1), low, 0, horizon);
  canvas.Gradient(Scale(low, 0.7F), {0, 0.01F, 0.04F}, horizon, height);
  const double x = canvas.width() * random.Between(0.2, 0.8);
  const double radius = height * random.Between(0.03, 0.07);
  canvas.Disc(x, horizon * random.Between(0.25, 0.7), radius,
              {0.95F, 0.93F, 0.85F}, radius * 1.5);
  for (int glint = 0; glint < 900; ++glint) {
    const double depth = random.Unit() * random.Unit();
    const double spread = radius * (0.6 + 4 * depth);
    const double place = x + (random.Unit() + random.Unit() - 1) * spread;
    const int width = 4 + static_cast<int>(random.Below(
                              static_cast<std::size_t>(14 + 40 * depth)));
    canvas.Rectangle(static_cast<int>(place) - width / 2,
                     horizon + static_cast<int>(depth * (height - horizon)),
                     width, 1 + static_cast<int>(depth * 3),
                     Scale({0.9F, 0.9F, 0.8F},
                           static_cast<float>(random.Between(0.3, 0.9))));
  }
}

void Lights(Canvas& canvas, lab::Random& random) {
  const double hue = random.Unit();
  canvas.Gradient(FromHue(hue, 0.7, 0.12), FromHue(hue + 0.1, 0.8, 0.04), 0,
                  canvas.height());
  const int count = 25 + static_cast<int>(random.Below(35));
  for (int light = 0; light < count; ++light) {
    const double radius = canvas.height() * random.Between(0.015, 0.07);
    const Colour colour = FromHue(hue + random.Between(-0.15, 0.35) + 1,
                                  random.Between(0.3, 0.9), 0.5);
    canvas.Disc(random.Between(0, canvas.width()),
                random.Between(0, canvas.height()), radius,
                Scale(colour, static_cast<float>(random.Between(0.3, 1))),
                radius * 0.15);
  }
}

}  // namespace

Scene SceneOf(std::uint64_t picture_seed) {
  constexpr Scene kScenes[] = {Scene::kHills, Scene::kLake, Scene::kCity,
                               Scene::kSea, Scene::kLights};
  return lab::Random(picture_seed, "scene", 0).Pick(kScenes);
}

Canvas Paint(std::uint64_t picture_seed) {
  lab::Random random(picture_seed, "picture", 0);
  Canvas canvas = NewCanvas(random);
  switch (SceneOf(picture_seed)) {
    case Scene::kHills:
      Hills(canvas, random);
      break;
    case Scene::kLake:
      Lake(canvas, random);
      break;
    case Scene::kCity:
      City(canvas, random);
      break;
    case Scene::kSea:
      Sea(canvas, random);
      break;
    case Scene::kLights:
      Lights(canvas, random);
      break;
  }
  canvas.Grain(random, random.Between(0.01, 0.04));
  return canvas;
}

}  // namespace pinhole::cli::seed
