// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/operation_charts.h"

#include <string>
#include <utility>
#include <vector>

#include "client/lab/report/chart/bar_chart.h"
#include "client/lab/report/spectrum_chart.h"
#include "client/lab/report/step_choice.h"
#include "client/lab/report/step_grids.h"
#include "client/lab/report/time_parts.h"
#include "client/lab/report/variant_grids.h"
#include "client/lab/report/wording.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

using chart::BarChart;

BarChart::Kind OneKind() { return {"", "c1"}; }

std::vector<BarChart::Kind> MedianAndTail() {
  return {{"p50", "c1"}, {"p99", "c2"}};
}

chart::Bars LatencyBars(const std::string& name,
                        const report::Latency& latency) {
  return {name,
          {latency.p50_ms(), latency.p99_ms()},
          {FigureWord(latency.p50_ms()), FigureWord(latency.p99_ms())}};
}

Exhibit OperationLatency(const report::Step& step) {
  Exhibit exhibit;
  exhibit.title = "Latency by operation";
  exhibit.says =
      fmt::format("How long each operation took at {}.", LoadWord(step));
  BarChart drawing;
  drawing.label = {"operation-latency", exhibit.title, exhibit.says};
  drawing.kinds = MedianAndTail();
  drawing.axis_title = "ms";
  for (const report::Operation& operation : step.operations()) {
    drawing.bars.push_back(LatencyBars(operation.name(), operation.response()));
  }
  exhibit.drawings = Draw(drawing);
  exhibit.numbers = OperationGrid(step);
  return exhibit;
}

Exhibit OperationThroughput(const report::Step& step) {
  Exhibit exhibit;
  exhibit.title = "Throughput by operation";
  exhibit.says =
      fmt::format("How many of each operation succeeded in a second at {}.",
                  LoadWord(step));
  BarChart drawing;
  drawing.label = {"operation-throughput", exhibit.title, exhibit.says};
  drawing.kinds = {OneKind()};
  drawing.axis_title = "ok/s";
  exhibit.numbers.columns = {
      {"operation", Column::Kind::kWords}, {"ok/s"}, {"error %"}};
  for (const report::Operation& operation : step.operations()) {
    const double rate = Throughput(step, operation);
    drawing.bars.push_back({operation.name(), {rate}, {FigureWord(rate)}});
    exhibit.numbers.Add({operation.name(), FigureWord(rate),
                         PercentFigure(FailureShareOf(operation))});
  }
  exhibit.drawings = Draw(drawing);
  return exhibit;
}

Exhibit TimeSpentChart(const report::Step& step) {
  Exhibit exhibit;
  exhibit.title = "Where the time went";
  exhibit.says = fmt::format(
      "What a call of each method spent its time on inside the server at {}, "
      "on average; paler shades are waiting.",
      LoadWord(step));
  BarChart drawing;
  drawing.label = {"time-spent", exhibit.title, exhibit.says};
  drawing.form = BarChart::Form::kStacked;
  drawing.axis_title = "ms a call";
  const std::vector<TimePart> parts = TimePartsOf(step.resources());
  for (const TimePart& part : parts) {
    drawing.kinds.push_back({part.title, part.colour});
  }
  for (const report::TimeSpent& spent : step.resources().time_spent()) {
    chart::Bars bars = {spent.method(), {}, {}};
    double sum = 0;
    for (const TimePart& part : parts) {
      bars.values.push_back(MsIn(spent, part));
      sum += bars.values.back();
    }
    bars.texts = {FigureWord(sum)};
    drawing.bars.push_back(std::move(bars));
  }
  exhibit.drawings = Draw(drawing);
  exhibit.numbers = TimeSpentGrid(step);
  return exhibit;
}

template <typename LimitOf>
Exhibit LimitChart(const report::Report& report, const std::string& id,
                   const std::string& title, const char* unit,
                   LimitOf limit_of) {
  Exhibit exhibit;
  exhibit.title = title;
  exhibit.says = fmt::format(
      "The most {} that each setting of the server keeps the service level "
      "with.",
      unit);
  BarChart drawing;
  drawing.label = {id, exhibit.title, exhibit.says};
  drawing.kinds = {OneKind()};
  drawing.axis_title = unit;
  exhibit.numbers.columns = {
      {"variant", Column::Kind::kWords}, {unit}, {"gain"}};
  for (const report::Variant& variant : report.variants()) {
    const double highest = limit_of(variant).highest_passing();
    drawing.bars.push_back(
        {variant.name(), {highest}, {LimitWord(limit_of(variant), "")}});
    exhibit.numbers.Add(
        {variant.name(), LimitWord(limit_of(variant), ""),
         RatioWord(limit_of(report.variants(0)).highest_passing(), highest)});
  }
  exhibit.drawings = Draw(drawing);
  return exhibit;
}

Exhibit VariantLatency(const report::Report& report) {
  Exhibit exhibit;
  exhibit.title = "Latency by variant";
  exhibit.says = fmt::format(
      "How long operations took with each setting of the server, {}.",
      ComparedAt(report));
  BarChart drawing;
  drawing.label = {"variant-latency", exhibit.title, exhibit.says};
  drawing.kinds = MedianAndTail();
  drawing.axis_title = "ms";
  for (const report::Variant& variant : report.variants()) {
    const report::Step* step = StepToCompare(report, variant);
    if (step == nullptr) continue;
    drawing.bars.push_back(
        LatencyBars(variant.name(), step->total().response()));
  }
  if (!drawing.bars.empty()) exhibit.drawings = Draw(drawing);
  exhibit.numbers = VariantOperationGrid(report);
  return exhibit;
}

}  // namespace

Exhibits OperationCharts(const report::Report& report) {
  Exhibits exhibits;
  const report::Step* best = BestStep(report.steps());
  if (best == nullptr) return exhibits;
  if (!best->operations().empty()) {
    exhibits.push_back(OperationLatency(*best));
    exhibits.push_back(OperationThroughput(*best));
  }
  if (HasMetrics(*best) && !best->resources().time_spent().empty()) {
    exhibits.push_back(TimeSpentChart(*best));
  }
  for (const char* kind : {"open", "closed"}) {
    const StepChoice steps = OfKind(report.steps(), kind);
    if (!steps.empty()) exhibits.push_back(SpectrumChart(steps));
  }
  return exhibits;
}

Exhibits VariantCharts(const report::Report& report) {
  Exhibits exhibits;
  if (report.variants().empty()) return exhibits;
  bool rates = false;
  bool users = false;
  for (const report::Variant& variant : report.variants()) {
    rates = rates || variant.has_rate_limit();
    users = users || variant.has_users_limit();
  }
  if (rates) {
    exhibits.push_back(
        LimitChart(report, "variant-rate", "Highest rate by variant", "ops/s",
                   [](const auto& variant) { return variant.rate_limit(); }));
  }
  if (users) {
    exhibits.push_back(
        LimitChart(report, "variant-users", "Most users by variant", "users",
                   [](const auto& variant) { return variant.users_limit(); }));
  }
  exhibits.push_back(VariantLatency(report));
  return exhibits;
}

}  // namespace pinhole::lab
