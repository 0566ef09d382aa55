// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/chart/axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "fmt/format.h"

namespace pinhole::lab::chart {
namespace {

// 1, 2 or 5 times a power of ten, at least `least`.
double RoundUp(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    // The logarithm of a round number may come out a hair too small.
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

// Short and without the trailing digits of binary fractions: "0.25", "20k".
std::string TickText(double value) {
  if (value >= 1e6) return fmt::format("{:g}M", value / 1e6);
  if (value >= 1e4) return fmt::format("{:g}k", value / 1e3);
  return fmt::format("{:g}", value);
}

std::vector<Tick> TicksApart(double step, double most) {
  std::vector<Tick> ticks;
  const int count = static_cast<int>(std::ceil(most / step - 1e-9));
  for (int i = 0; i <= std::max(count, 1); ++i) {
    ticks.push_back({i * step, TickText(i * step)});
  }
  return ticks;
}

}  // namespace

Axis::Axis(Scale scale, double least, double most, std::vector<Tick> ticks)
    : scale_(scale), least_(0), most_(1), ticks_(std::move(ticks)) {
  least_ = Scaled(least);
  most_ = Scaled(most);
}

Axis Axis::Linear(double most, int marks) {
  if (!(most > 0) || !std::isfinite(most)) most = 1;
  auto ticks = TicksApart(RoundUp(most / marks), most);
  const double end = ticks.back().value;
  return Axis(Scale::kLinear, 0, end, std::move(ticks));
}

Axis Axis::Whole(double most, int marks) {
  if (!(most > 0) || !std::isfinite(most)) most = 1;
  auto ticks = TicksApart(std::max(1.0, RoundUp(most / marks)), most);
  const double end = ticks.back().value;
  return Axis(Scale::kLinear, 0, end, std::move(ticks));
}

Axis Axis::Log(double least, double most) {
  const bool few = most / least < 100;
  const std::vector<double> factors =
      few ? std::vector<double>{1, 2, 5} : std::vector<double>{1};
  std::vector<Tick> ticks;
  double power = std::pow(10, std::floor(std::log10(least)));
  while (ticks.empty() || ticks.back().value < most) {
    for (const double factor : factors) {
      const double value = factor * power;
      // Only the last mark at or below the least value is worth its place.
      if (value <= least) ticks.clear();
      ticks.push_back({value, TickText(value)});
      if (value >= most) break;
    }
    power *= 10;
  }
  if (ticks.size() < 2) ticks.push_back({10 * least, TickText(10 * least)});
  const double begin = ticks.front().value;
  const double end = ticks.back().value;
  return Axis(Scale::kLog, begin, end, std::move(ticks));
}

Axis Axis::Nines(double most) {
  static constexpr std::array<std::pair<double, const char*>, 7> kMarks = {{
      {0, "0"},
      {0.5, "50"},
      {0.9, "90"},
      {0.99, "99"},
      {0.999, "99.9"},
      {0.9999, "99.99"},
      {0.99999, "99.999"},
  }};
  std::vector<Tick> ticks;
  for (const auto& [share, text] : kMarks) {
    if (share > most && share > 0.99) break;
    ticks.push_back({share, text});
  }
  const double end = std::clamp(most, 0.99, 0.999999);
  return Axis(Scale::kNines, 0, end, std::move(ticks));
}

Axis Axis::Marked(double least, double most, std::vector<Tick> ticks) {
  if (!(most > least)) most = least + 1;
  return Axis(Scale::kLinear, least, most, std::move(ticks));
}

double Axis::Place(double value) const {
  return std::clamp((Scaled(value) - least_) / (most_ - least_), 0.0, 1.0);
}

double Axis::Scaled(double value) const {
  switch (scale_) {
    case Scale::kLinear:
      return value;
    case Scale::kLog:
      return std::log10(std::max(value, 1e-9));
    case Scale::kNines:
      return -std::log10(1 - std::min(value, 0.9999999));
  }
  return value;
}

}  // namespace pinhole::lab::chart
