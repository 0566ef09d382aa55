// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/conclusions.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/lab/core/knee.h"
#include "client/lab/core/usl.h"
#include "client/lab/report/step_choice.h"
#include "client/lab/report/wording.h"
#include "client/lab/run/findings.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

// The steps of one kind, by load; of equal loads the last.
std::vector<int> StepsByLoad(const report::Report& report,
                             const std::string& kind) {
  std::map<double, int> by_load;
  for (int i = 0; i < report.steps_size(); ++i) {
    const report::Step& step = report.steps(i);
    if (step.kind() != kind || !IsOrdinary(step)) continue;
    by_load[LoadOf(step)] = i;
  }
  std::vector<int> steps;
  steps.reserve(by_load.size());
  for (const auto& [load, index] : by_load) steps.push_back(index);
  return steps;
}

std::string Unit(Loop loop) {
  return loop == Loop::kClosed ? "users" : "operations/s";
}

}  // namespace

void AddKnee(report::Report& report) {
  const std::vector<int> closed = StepsByLoad(report, "closed");
  const std::vector<int> open = StepsByLoad(report, "open");
  const std::vector<int>& steps = closed.size() >= open.size() ? closed : open;
  if (steps.size() < 3) return;
  std::vector<LoadPoint> points;
  for (const int index : steps) {
    const report::Step& step = report.steps(index);
    points.push_back({.load = LoadOf(step),
                      .throughput = step.achieved(),
                      .mean_response = absl::Milliseconds(
                          step.total().response().mean_ms())});
  }
  report::Knee& knee = *report.mutable_knee();
  knee.set_step(-1);
  knee.set_plateau_step(-1);
  std::string summary;
  if (const auto best = Knee(points)) {
    knee.set_step(steps[*best]);
    summary = fmt::format("the best throughput for its response time is at {}",
                          LoadWord(report.steps(steps[*best])));
  }
  if (const auto level = Plateau(points)) {
    knee.set_plateau_step(steps[*level]);
    summary += fmt::format("{}from {} on, more load brings no more",
                           summary.empty() ? "" : "; ",
                           LoadWord(report.steps(steps[*level])));
  }
  knee.set_summary(summary);
}

void AddUsl(report::Report& report) {
  std::vector<UslPoint> points;
  for (const int index : StepsByLoad(report, "closed")) {
    const report::Step& step = report.steps(index);
    points.push_back({.users = static_cast<double>(step.users()),
                      .throughput = step.achieved()});
  }
  if (points.empty()) return;
  report::Usl& usl = *report.mutable_usl();
  for (const UslPoint& point : points) {
    usl.add_users(point.users);
    usl.add_throughput(point.throughput);
  }
  if (report.config().think_seconds() > 0) {
    usl.set_summary(
        "no fit: users paused to think, so their number is not "
        "that of calls at once");
    return;
  }
  const auto fit = FitUsl(points);
  if (!fit.ok()) {
    usl.set_summary(std::string(fit.status().message()));
    return;
  }
  usl.set_fits(true);
  usl.set_summary(fit->Summary());
  usl.set_lambda(fit->lambda);
  usl.set_sigma(fit->sigma);
  usl.set_kappa(fit->kappa);
  usl.set_r_squared(fit->r_squared);
  usl.set_peak_users(fit->PeakUsers().value_or(0));
  usl.set_peak_throughput(fit->PeakThroughput().value_or(0));
}

void AddFindings(const report::Step& step, report::Report& report) {
  const report::Environment& environment = report.environment();
  // The server says how many CPUs it has; on the same machine we know.
  double cpus = environment.cpus();
  const auto said = environment.server_build().find("cpus");
  if (said != environment.server_build().end()) {
    cpus = std::strtod(said->second.c_str(), nullptr);
  }
  if (environment.same_host() && environment.cgroup_cpus() > 0) {
    cpus = std::min(cpus, environment.cgroup_cpus());
  }
  const double own = environment.same_host() ? step.generator().cpu_cores() : 0;
  report.clear_findings();
  for (report::Finding& finding : FindingsOf(step, cpus, own)) {
    *report.add_findings() = std::move(finding);
  }
}

report::Limit DescribeLimit(const SearchResult& result, Loop loop,
                            const Slo& slo) {
  report::Limit limit;
  limit.set_outcome(std::string(NameOf(result.outcome)));
  limit.set_highest_passing(result.highest_passing);
  limit.set_achieved(result.achieved);
  limit.set_p99_ms(absl::ToDoubleMilliseconds(result.p99));
  limit.set_broke_at(result.broke_at);
  if (!result.reasons.empty()) {
    limit.set_broke_by(std::string(NameOf(result.reasons.front().cause)));
  }
  limit.set_confirmed(result.outcome == SearchOutcome::kFound ||
                      result.outcome == SearchOutcome::kNeverBroke);
  const std::string level =
      fmt::format("p99 < {:.0f} ms, errors < {:.2g} %",
                  absl::ToDoubleMilliseconds(slo.p99), 100 * slo.failure_share);
  const std::string passing =
      loop == Loop::kClosed
          ? fmt::format("{:.0f} {} ({} operations/s)", result.highest_passing,
                        result.highest_passing == 1 ? "user" : "users",
                        FigureWord(result.achieved))
          : fmt::format("{} operations/s", FigureWord(result.achieved));
  const std::string broke =
      result.reasons.empty()
          ? std::string()
          : fmt::format("; at {} {} it broke: {}", FigureWord(result.broke_at),
                        Unit(loop), result.reasons.front().text);
  switch (result.outcome) {
    case SearchOutcome::kFound:
      limit.set_summary(fmt::format("{} keep the service level ({}){}.",
                                    passing, level, broke));
      break;
    case SearchOutcome::kNeverBroke:
      limit.set_summary(fmt::format(
          "{} keep the service level ({}), the most that was asked for: the "
          "limit is higher (--max raises the cap).",
          passing, level));
      break;
    case SearchOutcome::kFailedAtOnce:
      limit.set_summary(
          fmt::format("not even the least load keeps the service level ({}){}.",
                      level, broke));
      break;
    case SearchOutcome::kGeneratorLimited:
      limit.set_summary(fmt::format(
          "generator limited: the lab could not make more load, so the "
          "server's limit is not known; it is at least {} ({}). Run the lab on "
          "another machine.",
          passing, level));
      break;
    case SearchOutcome::kNotConfirmed:
      limit.set_summary(fmt::format(
          "about {}, but what passed once did not pass again ({}){}. The "
          "machine is too noisy for a firm answer.",
          passing, level, broke));
      break;
    case SearchOutcome::kInterrupted:
      limit.set_summary(fmt::format("interrupted; so far {} passed.", passing));
      break;
  }
  return limit;
}

}  // namespace pinhole::lab
