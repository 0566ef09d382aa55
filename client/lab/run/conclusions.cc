// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/conclusions.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "client/lab/core/format.h"
#include "client/lab/run/findings.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

std::string Unit(Loop loop) {
  return loop == Loop::kClosed ? "users" : "operations/s";
}

}  // namespace

void AddFindings(const report::Step& step, report::Report& report) {
  const report::Environment& environment = report.environment();
  // The CPUs of the lab, unless the metrics of the server name its own.
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
                            const Slo& slo, const std::string& cap_option) {
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
                        FormatNumber(result.achieved))
          : fmt::format("{} operations/s", FormatNumber(result.achieved));
  const std::string broke =
      result.reasons.empty()
          ? std::string()
          : fmt::format("; the service level was missed at {} {}: {}",
                        FormatNumber(result.broke_at), Unit(loop),
                        result.reasons.front().text);
  switch (result.outcome) {
    case SearchOutcome::kFound:
      limit.set_summary(fmt::format("{} keep the service level ({}){}.",
                                    passing, level, broke));
      break;
    case SearchOutcome::kNeverBroke:
      limit.set_summary(fmt::format(
          "{} keep the service level ({}). No higher load was tried, so the "
          "limit may be higher{}.",
          passing, level,
          cap_option.empty() ? ""
                             : fmt::format("; {} raises the cap", cap_option)));
      break;
    case SearchOutcome::kFailedAtOnce:
      limit.set_summary(fmt::format(
          "not even the lowest load keeps the service level ({}){}.", level,
          broke));
      break;
    case SearchOutcome::kGeneratorLimited:
      limit.set_summary(fmt::format(
          "the lab could not generate more load, so the server's limit is "
          "unknown; it is at least {} ({}). Run the lab on another machine.",
          passing, level));
      break;
    case SearchOutcome::kNotConfirmed:
      limit.set_summary(fmt::format(
          "about {}, but this load did not pass every time ({}){}. The results "
          "vary too much for a firm answer.",
          passing, level, broke));
      break;
    case SearchOutcome::kInterrupted:
      limit.set_summary(
          fmt::format("interrupted; {} passed until then.", passing));
      break;
  }
  return limit;
}

}  // namespace pinhole::lab
