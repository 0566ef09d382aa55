// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/load_charts.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "client/lab/report/chart/line_chart.h"
#include "client/lab/report/latency_axis.h"
#include "client/lab/report/step_choice.h"
#include "client/lab/report/wording.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

using chart::Axis;
using chart::Series;

bool IsOpen(const StepChoice& steps) { return steps.front()->kind() == "open"; }

const char* LoadTitle(const StepChoice& steps) {
  return IsOpen(steps) ? "operations a second asked for" : "users at once";
}

// Those that say what load does: half the load after an overload shows how the
// server recovers.
StepChoice Loaded(const report::Report& report, const std::string& kind) {
  StepChoice steps = ByLoad(OfKind(report.steps(), kind));
  std::erase_if(steps, [](const auto* step) {
    return step->purpose() == "recovery" || step->generator_limited();
  });
  return steps;
}

Axis LoadAxis(const StepChoice& steps) {
  const double most = LoadOf(*steps.back());
  return IsOpen(steps) ? Axis::Linear(most, 6) : Axis::Whole(most, 6);
}

template <typename Y>
Series Curve(const std::string& name, const std::string& colour,
             const StepChoice& steps, Y y) {
  Series series = {name, colour, Series::Style::kLineAndPoints, {}};
  const bool judged = AreJudged(steps);
  for (const report::Step* step : steps) {
    series.points.push_back(
        {LoadOf(*step), y(*step), judged && !step->passed()});
  }
  return series;
}

// What a server without limits would do: all that is asked for, or for each
// user what the fewest users got.
Series Ideal(const StepChoice& steps, double most_y) {
  double slope = 1;
  if (!IsOpen(steps)) {
    slope = steps.front()->achieved() / std::max(LoadOf(*steps.front()), 1.0);
  }
  double end = LoadOf(*steps.back());
  if (slope * end > most_y && slope > 0) end = most_y / slope;
  return {"ideal", "c4", Series::Style::kDashes, {{0, 0}, {end, slope * end}}};
}

Exhibit ThroughputChart(const StepChoice& steps) {
  const char* by = IsOpen(steps) ? "rate" : "users";
  const auto achieved = [](const auto& step) { return step.achieved(); };
  double most = 0;
  for (const auto* step : steps) most = std::max(most, step->achieved());
  // Room to see the ideal line leave the curve.
  most *= 1.2;
  Exhibit exhibit;
  exhibit.title = fmt::format("Throughput by {}", by);
  exhibit.says = fmt::format(
      "Operations a second that succeeded against {}: where the curve leaves "
      "the ideal line the server no longer keeps up; hollow points did not "
      "keep the service level.",
      LoadTitle(steps));
  chart::LineChart drawing = {
      {fmt::format("throughput-{}", by), exhibit.title, exhibit.says},
      LoadAxis(steps),
      Axis::Linear(most, 5),
      LoadTitle(steps),
      "ok/s",
      {Ideal(steps, most), Curve("succeeded", "c1", steps, achieved)}};
  exhibit.drawings = Draw(drawing);
  exhibit.numbers.columns = {{IsOpen(steps) ? "asked/s" : "users"},
                             {"offered/s"},
                             {"ok/s"},
                             {"error %"}};
  for (const report::Step* step : steps) {
    exhibit.numbers.Add({FigureWord(LoadOf(*step)), FigureWord(step->offered()),
                         FigureWord(step->achieved()),
                         PercentFigure(FailureShareOf(step->total()))});
  }
  exhibit.numbers.DropIfNothing("offered/s");
  return exhibit;
}

Exhibit LatencyChart(const StepChoice& steps, double slo_ms) {
  const char* by = IsOpen(steps) ? "rate" : "users";
  Exhibit exhibit;
  exhibit.title = fmt::format("Latency by {}", by);
  exhibit.says = fmt::format(
      "How long users waited against {}: half of all operations took at most "
      "p50, all but one in a hundred at most p99{}.",
      LoadTitle(steps), slo_ms > 0 ? ", which is to stay below the line" : "");
  const std::vector<Series> series = {
      Curve("p50", "c1", steps,
            [](const auto& s) { return s.total().response().p50_ms(); }),
      Curve("p95", "c3", steps,
            [](const auto& s) { return s.total().response().p95_ms(); }),
      Curve("p99", "c2", steps,
            [](const auto& s) { return s.total().response().p99_ms(); })};
  chart::LineChart drawing = {
      {fmt::format("latency-{}", by), exhibit.title, exhibit.says},
      LoadAxis(steps),
      LatencyAxis(series, slo_ms),
      LoadTitle(steps),
      "ms",
      series};
  if (slo_ms > 0) {
    drawing.levels.push_back({slo_ms, "limit " + DurationWord(slo_ms)});
  }
  exhibit.drawings = Draw(drawing);
  exhibit.numbers.columns = {{IsOpen(steps) ? "asked/s" : "users"},
                             {"p50 ms"},
                             {"p95 ms"},
                             {"p99 ms"}};
  for (const report::Step* step : steps) {
    const report::Latency& response = step->total().response();
    exhibit.numbers.Add(
        {FigureWord(LoadOf(*step)), FigureWord(response.p50_ms()),
         FigureWord(response.p95_ms()), FigureWord(response.p99_ms())});
  }
  return exhibit;
}

}  // namespace

Exhibits LoadCharts(const report::Report& report) {
  Exhibits exhibits;
  for (const char* kind : {"open", "closed"}) {
    const StepChoice steps = Loaded(report, kind);
    // One point is no curve.
    if (steps.size() < 2) continue;
    exhibits.push_back(ThroughputChart(steps));
    exhibits.push_back(LatencyChart(steps, report.config().slo_p99_ms()));
  }
  return exhibits;
}

}  // namespace pinhole::lab
