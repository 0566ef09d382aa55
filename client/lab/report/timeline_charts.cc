// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/timeline_charts.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "client/lab/report/chart/line_chart.h"
#include "client/lab/report/latency_axis.h"
#include "client/lab/report/step_choice.h"
#include "client/lab/report/step_grids.h"
#include "client/lab/report/time_parts.h"
#include "client/lab/report/wording.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

using chart::Axis;
using chart::Series;

struct Moment {
  double seconds;
  const report::Step* step;
  const report::Second* second;  // Null between two steps.
};

// All seconds of all steps in one row.
class Timeline {
 public:
  explicit Timeline(const report::Report& report) {
    for (const report::Step& step : report.steps()) Add(step);
  }

  const std::vector<Moment>& moments() const { return moments_; }
  const std::vector<chart::Band>& bands() const { return bands_; }
  double end() const { return end_; }

  template <typename Y>
  Series Curve(const std::string& name, const std::string& colour, Y y) const {
    Series series = {name, colour, Series::Style::kLine, {}};
    for (const Moment& moment : moments_) {
      series.points.push_back(
          {moment.seconds, moment.second == nullptr
                               ? std::numeric_limits<double>::quiet_NaN()
                               : static_cast<double>(y(*moment.second))});
    }
    return series;
  }

 private:
  void Add(const report::Step& step) {
    if (step.timeline().empty()) return;
    // A report without times of its steps still has their order.
    const double begin = std::max(step.start_seconds(), end_);
    for (int i = 0; i < step.timeline_size(); ++i) {
      moments_.push_back({begin + i + 0.5, &step, &step.timeline(i)});
    }
    end_ = begin + step.timeline_size();
    moments_.push_back({end_, &step, nullptr});
    bands_.push_back({begin, end_, FigureWord(LoadOf(step))});
  }

  std::vector<Moment> moments_;
  std::vector<chart::Band> bands_;
  double end_ = 0;
};

double Most(const std::vector<Series>& series) {
  double most = 0;
  for (const Series& each : series) {
    for (const auto& point : each.points) most = std::max(most, point.y);
  }
  return most;
}

std::string Panel(const Timeline& timeline, chart::Label label,
                  const std::string& y_title, const Axis& y,
                  std::vector<Series> series) {
  return Draw(chart::LineChart{std::move(label),
                               Axis::Linear(timeline.end(), 6),
                               y,
                               "seconds since the start",
                               y_title,
                               std::move(series),
                               {},
                               timeline.bands()});
}

std::string TimelinePanels(const Timeline& timeline, const std::string& says) {
  std::vector<Series> rates = {
      timeline.Curve("succeeded", "c1", [](const auto& s) { return s.ok(); }),
      timeline.Curve("failed", "c5", [](const auto& s) { return s.errors(); })};
  std::vector<Series> latencies = {
      timeline.Curve("p50", "c1", [](const auto& s) { return s.p50_ms(); }),
      timeline.Curve("p99", "c2", [](const auto& s) { return s.p99_ms(); })};
  std::vector<Series> in_flight = {timeline.Curve(
      "calls under way", "c3", [](const auto& s) { return s.in_flight(); })};
  const Axis rate_axis = Axis::Linear(1.1 * Most(rates), 5);
  const Axis latency_axis = LatencyAxis(latencies);
  const Axis flight_axis = Axis::Linear(1.1 * Most(in_flight), 5);
  return "<div class=\"panels\">" +
         Panel(timeline, {"timeline-rate", "Operations each second", says},
               "operations", rate_axis, std::move(rates)) +
         Panel(timeline, {"timeline-latency", "Latency each second", says},
               "ms", latency_axis, std::move(latencies)) +
         Panel(timeline, {"timeline-flight", "Calls under way", says}, "calls",
               flight_axis, std::move(in_flight)) +
         "</div>\n";
}

Exhibit TimelineExhibit(const Timeline& timeline) {
  Exhibit exhibit;
  exhibit.wide = true;
  exhibit.title = "Second by second";
  exhibit.says =
      "What happened in each second; the figures at the top are each step's "
      "load, in users or operations a second.";
  exhibit.drawings = TimelinePanels(timeline, exhibit.says);
  exhibit.numbers.columns = {{"second"},   {"step", Column::Kind::kWords},
                             {"ok"},       {"errors"},
                             {"p50 ms"},   {"p99 ms"},
                             {"in flight"}};
  for (const Moment& moment : timeline.moments()) {
    if (moment.second == nullptr) continue;
    const report::Second& second = *moment.second;
    exhibit.numbers.Add(
        {fmt::format("{:.0f}", moment.seconds - 0.5), LoadWord(*moment.step),
         FigureWord(second.ok()), FigureWord(second.errors()),
         FigureWord(second.p50_ms()), FigureWord(second.p99_ms()),
         FigureWord(second.in_flight())});
  }
  return exhibit;
}

// Of one whole: the time of the step, or of all CPUs.
std::vector<Series> ResourceSeries(const StepChoice& steps, double cpus) {
  struct Share {
    const char* name;
    const char* colour;
    double (*of)(const report::Resources&);
    double whole;
  };
  std::vector<Share> shares = {
      {"write lock held", "c2",
       [](const auto& r) { return r.write_lock_share(); }, 1},
      {"committing", "c3", [](const auto& r) { return r.commit_share(); }, 1}};
  if (cpus > 0) {
    shares.push_back(
        {"CPU", "c1", [](const auto& r) { return r.cpu_cores(); }, cpus});
    shares.push_back(
        {"hashing", "c4", [](const auto& r) { return r.hash_cores(); }, cpus});
  }
  std::vector<Series> all;
  for (const Share& share : shares) {
    Series series = {
        share.name, share.colour, Series::Style::kLineAndPoints, {}};
    for (std::size_t i = 0; i < steps.size(); ++i) {
      series.points.push_back(
          {static_cast<double>(i),
           100 * share.of(steps[i]->resources()) / share.whole});
    }
    all.push_back(std::move(series));
  }
  return all;
}

Axis StepAxis(const StepChoice& steps) {
  std::vector<chart::Tick> ticks;
  // More would run into each other.
  const std::size_t apart = steps.size() / 9 + 1;
  for (std::size_t i = 0; i < steps.size(); i += apart) {
    ticks.push_back(
        {static_cast<double>(i), steps[i]->kind() == "open"
                                     ? FigureWord(LoadOf(*steps[i])) + "/s"
                                     : fmt::format("{} u", steps[i]->users())});
  }
  return Axis::Marked(-0.3, static_cast<double>(steps.size()) - 0.7,
                      std::move(ticks));
}

// CPUs that the server may use, 0 if that is not known.
double ServerCpus(const report::Environment& environment) {
  if (!environment.same_host()) return 0;
  return environment.cgroup_cpus() > 0 ? environment.cgroup_cpus()
                                       : environment.cpus();
}

Exhibit ResourceExhibit(const StepChoice& steps,
                        const report::Environment& environment) {
  const double cpus = ServerCpus(environment);
  Exhibit exhibit;
  exhibit.title = "The server's resources by step";
  exhibit.says = fmt::format(
      "How much of each step's time the one writer of the database was taken "
      "and a commit ran{}: what nears 100 % is the limit.",
      cpus > 0 ? ", and how much of all CPUs the server used" : "");
  std::vector<Series> series = ResourceSeries(steps, cpus);
  const double most = std::max(100.0, Most(series));
  exhibit.drawings =
      Draw(chart::LineChart{{"resources", exhibit.title, exhibit.says},
                            StepAxis(steps),
                            Axis::Linear(most, 5),
                            "load of the steps, in their order",
                            "%",
                            std::move(series)});
  exhibit.numbers = ResourceGrid(steps);
  return exhibit;
}

}  // namespace

Exhibits TimelineCharts(const report::Report& report) {
  Exhibits exhibits;
  StepChoice measured = All(report.steps());
  std::erase_if(measured, [](const auto* step) { return !HasMetrics(*step); });
  if (!measured.empty()) {
    exhibits.push_back(ResourceExhibit(measured, report.environment()));
  }
  const Timeline timeline(report);
  if (!timeline.moments().empty()) {
    exhibits.push_back(TimelineExhibit(timeline));
  }
  return exhibits;
}

}  // namespace pinhole::lab
