// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/spectrum_chart.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "client/lab/core/histogram.h"
#include "client/lab/report/chart/line_chart.h"
#include "client/lab/report/latency_axis.h"
#include "client/lab/report/wording.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

using chart::Series;

// As many shades as the page's style has for one thing at growing loads.
constexpr std::size_t kMostLines = 6;

// One step for each load, evenly picked, the least and the greatest among them.
// Of several at one load the last: the longest, if it is a confirmation.
StepChoice Picked(const StepChoice& all) {
  StepChoice loads;
  for (const report::Step* step : ByLoad(all)) {
    if (step->purpose() == "recovery") continue;
    if (!loads.empty() && LoadOf(*loads.back()) == LoadOf(*step)) {
      loads.pop_back();
    }
    loads.push_back(step);
  }
  if (loads.size() <= kMostLines) return loads;
  StepChoice picked;
  for (std::size_t i = 0; i < kMostLines; ++i) {
    picked.push_back(loads[i * (loads.size() - 1) / (kMostLines - 1)]);
  }
  return picked;
}

std::vector<chart::Point> FromPercentiles(const report::Latency& latency) {
  return {{0.5, latency.p50_ms()},
          {0.9, latency.p90_ms()},
          {0.95, latency.p95_ms()},
          {0.99, latency.p99_ms()},
          {0.999, latency.p999_ms()}};
}

std::vector<chart::Point> FromHistogram(const report::Latency& latency) {
  const int buckets = std::min(latency.bucket_size(), latency.count_size());
  double total = 0;
  for (int i = 0; i < buckets; ++i) total += latency.count(i);
  std::vector<chart::Point> points;
  double sum = 0;
  // The curve ends where there is one value left: further out is not known.
  const double most = 1 - 1 / std::max(total, 2.0);
  const chart::Axis axis = chart::Axis::Nines(most);
  double drawn = -1;
  for (int i = 0; i < buckets; ++i) {
    sum += latency.count(i);
    const double share = std::min(sum / total, most);
    if (sum >= total && !points.empty() && points.back().x >= most) break;
    // Buckets are finer than a drawing: this is a point for each 1/200 of it.
    if (axis.Place(share) - drawn < 0.005 && i + 1 < buckets) continue;
    drawn = axis.Place(share);
    points.push_back({share, absl::ToDoubleMilliseconds(Histogram::ValueOf(
                                 static_cast<int>(latency.bucket(i))))});
  }
  return points;
}

Series Spectrum(const report::Step& step, std::size_t shade, bool judged) {
  const report::Latency& response = step.total().response();
  return {
      LoadWord(step), fmt::format("o{}", shade + 1),
      judged && !step.passed() ? Series::Style::kDashes : Series::Style::kLine,
      response.bucket().empty() ? FromPercentiles(response)
                                : FromHistogram(response)};
}

double FurthestShare(const std::vector<Series>& series) {
  double furthest = 0.99;
  for (const Series& each : series) {
    if (each.points.empty()) continue;
    furthest = std::max(furthest, each.points.back().x);
  }
  return furthest;
}

Grid Numbers(const StepChoice& steps) {
  Grid grid;
  grid.columns = {{"step", Column::Kind::kWords},
                  {"p50 ms"},
                  {"p90 ms"},
                  {"p95 ms"},
                  {"p99 ms"},
                  {"p99.9 ms"},
                  {"max ms"}};
  for (const report::Step* step : steps) {
    const report::Latency& response = step->total().response();
    grid.Add({LoadWord(*step), FigureWord(response.p50_ms()),
              FigureWord(response.p90_ms()), FigureWord(response.p95_ms()),
              FigureWord(response.p99_ms()), FigureWord(response.p999_ms()),
              FigureWord(response.max_ms())});
  }
  return grid;
}

}  // namespace

Exhibit SpectrumChart(const StepChoice& steps) {
  const StepChoice picked = Picked(steps);
  const char* by = steps.front()->kind() == "open" ? "rate" : "users";
  std::vector<Series> series;
  for (const report::Step* step : picked) {
    series.push_back(Spectrum(*step, series.size(), AreJudged(steps)));
  }
  Exhibit exhibit;
  exhibit.title = fmt::format("Latency spectrum by {}", by);
  exhibit.says =
      "The share of operations that took at most so long, with each further "
      "nine as wide as the one before; dashed lines did not keep the service "
      "level.";
  chart::LineChart drawing = {
      {fmt::format("spectrum-{}", by), exhibit.title, exhibit.says},
      chart::Axis::Nines(FurthestShare(series)),
      LatencyAxis(series),
      "percent of operations",
      "ms",
      std::move(series)};
  exhibit.drawings = Draw(drawing);
  exhibit.numbers = Numbers(picked);
  return exhibit;
}

}  // namespace pinhole::lab
