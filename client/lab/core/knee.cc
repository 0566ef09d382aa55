// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/knee.h"

#include <algorithm>
#include <numeric>

namespace pinhole::lab {
namespace {

constexpr double kMoreLoad = 1.25;
constexpr double kMoreThroughput = 1.03;

double Power(const LoadPoint& point) {
  const double response = absl::ToDoubleSeconds(point.mean_response);
  return response > 0 ? point.throughput / response : 0;
}

}  // namespace

std::optional<std::size_t> Knee(const std::vector<LoadPoint>& points) {
  const auto best = std::max_element(
      points.begin(), points.end(),
      [](const auto& a, const auto& b) { return Power(a) < Power(b); });
  if (best == points.end() || Power(*best) <= 0) return std::nullopt;
  return static_cast<std::size_t>(best - points.begin());
}

std::optional<std::size_t> Plateau(const std::vector<LoadPoint>& points) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return points[a].load < points[b].load;
  });
  // The next in order with enough more load than the one at `from`.
  const auto next = [&](std::size_t from) {
    std::size_t i = from + 1;
    while (i < order.size() &&
           points[order[i]].load < points[order[from]].load * kMoreLoad) {
      ++i;
    }
    return i;
  };
  const auto level = [&](std::size_t from, std::size_t to) {
    return points[order[to]].throughput <
           points[order[from]].throughput * kMoreThroughput;
  };
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t second = next(i);
    const std::size_t third = second < order.size() ? next(second) : second;
    if (third >= order.size()) break;
    if (level(i, second) && level(second, third)) return order[i];
  }
  return std::nullopt;
}

}  // namespace pinhole::lab
