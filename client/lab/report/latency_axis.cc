// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/latency_axis.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pinhole::lab {
namespace {

constexpr double kFarApart = 20;
constexpr double kLeastMs = 0.01;

}  // namespace

chart::Axis LatencyAxis(const std::vector<chart::Series>& series,
                        double limit_ms) {
  double least = std::numeric_limits<double>::infinity();
  double most = 0;
  const auto include = [&](double ms) {
    if (!std::isfinite(ms) || ms <= 0) return;
    least = std::min(least, std::max(ms, kLeastMs));
    most = std::max(most, ms);
  };
  for (const chart::Series& each : series) {
    for (const chart::Point& point : each.points) include(point.y);
  }
  include(1.1 * limit_ms);
  if (most > kFarApart * least) return chart::Axis::Log(least, most);
  return chart::Axis::Linear(most, 5);
}

}  // namespace pinhole::lab
