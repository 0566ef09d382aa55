// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/breaking.h"

#include <algorithm>
#include <string>

#include "client/lab/report/step_choice.h"
#include "client/lab/run/conclusions.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

// The loads of the overload and recovery steps, as multiples of the limit.
constexpr double kOverload = 2;
constexpr double kRecovery = 0.5;
// A smaller share of the goodput under overload is a collapse.
constexpr double kMetastable = 0.5;
// The server has recovered once p50 is at most this multiple of its earlier
// value.
constexpr double kRecovered = 1.2;

// Runs the windows of a step until one fails.
Observation Observe(const SearchStep& step, Lab& lab) {
  Observation observation;
  const int windows = std::max(step.windows, 1);
  for (int i = 0; i < windows && !lab.stopped(); ++i) {
    const bool closed = step.loop == Loop::kClosed;
    const Lab::Result result = lab.Run(
        {.purpose = std::string(step.repeat ? "repeat" : NameOf(step.kind)),
         .users = closed ? static_cast<int>(step.load) : 0,
         .rate = closed ? 0 : step.load,
         .measure = step.duration / windows,
         .give_up = true});
    observation.verdict = result.verdict;
    observation.achieved =
        (observation.achieved * i + result.figures.achieved) / (i + 1);
    const OperationFigures total = result.figures.Total();
    observation.p99 = std::max(observation.p99, total.response.Quantile(0.99));
    observation.service = total.response.Mean();
    if (!result.verdict.passed) break;
  }
  return observation;
}

report::Limit Find(const SearchOptions& options, const std::string& cap_option,
                   Lab& lab) {
  Search search(options);
  while (!search.done() && !lab.stopped()) {
    const Observation observation = Observe(search.step(), lab);
    // An interrupted step is not an observation.
    if (!lab.stopped()) search.Observe(observation);
  }
  return DescribeLimit(search.result(), options.loop, lab.options().slo,
                       cap_option);
}

double RecoverySeconds(const report::Step& step, double p50_before) {
  for (int i = 0; i < step.timeline_size(); ++i) {
    const report::Second& second = step.timeline(i);
    if (second.ok() > 0 && second.errors() == 0 &&
        second.p50_ms() <= std::max(kRecovered * p50_before, p50_before + 1)) {
      return i;
    }
  }
  return -1;
}

// The p50 of the step that found the limit.
double P50At(const report::Report& report, double rate) {
  for (int i = report.steps_size() - 1; i >= 0; --i) {
    const report::Step& step = report.steps(i);
    if (step.kind() == "open" && step.passed() && step.rate() == rate) {
      return step.total().response().p50_ms();
    }
  }
  return 0;
}

void TryOverload(Lab& lab) {
  const report::Limit& limit = lab.report().rate_limit();
  if (limit.highest_passing() <= 0 || limit.broke_at() <= 0) return;
  const double p50 = P50At(lab.report(), limit.highest_passing());
  const absl::Duration measure = lab.options().measure;
  const Lab::Result over = lab.Run({.purpose = "overload",
                                    .rate = kOverload * limit.highest_passing(),
                                    .measure = measure,
                                    .stay = true});
  // If the lab could not make the load, the step says nothing about the server.
  if (lab.stopped() || over.verdict.generator_limited) return;
  const Lab::Result back = lab.Run({.purpose = "recovery",
                                    .rate = kRecovery * limit.highest_passing(),
                                    .measure = measure,
                                    .keep_pace = true});
  report::Overload& overload = *lab.report().mutable_overload();
  overload.set_offered(over.figures.offered);
  overload.set_goodput_share(over.figures.achieved / limit.achieved());
  const double settled = RecoverySeconds(*back.step, p50);
  // The calls in flight end before the next step begins.
  const double drained =
      back.step->start_seconds() - over.step->start_seconds() -
      absl::ToDoubleSeconds(lab.options().warmup) - over.step->seconds();
  overload.set_recovery_seconds(settled < 0 ? -1
                                            : settled + std::max(drained, 0.0));
  overload.set_summary(fmt::format(
      "at twice the limit {:.0f} % of the throughput was kept{}; back at half "
      "of it, {}",
      100 * overload.goodput_share(),
      overload.goodput_share() < kMetastable ? ": it collapses" : "",
      overload.recovery_seconds() < 0
          ? "it had not recovered by the end of the step"
          : fmt::format("the response was what it had been after {:.1f} s",
                        overload.recovery_seconds())));
}

// The first step that failed at the load at which the server broke; if it never
// broke, the step with the highest load of a search.
const report::Step* Telling(const report::Report& report) {
  const report::Step* telling = nullptr;
  const bool open = report.rate_limit().highest_passing() > 0 ||
                    report.rate_limit().broke_at() > 0;
  const double broke =
      open ? report.rate_limit().broke_at() : report.users_limit().broke_at();
  for (const report::Step& step : report.steps()) {
    if (!IsOrdinary(step) || (step.kind() == "open") != open) continue;
    if (broke > 0 && LoadOf(step) == broke && !step.passed()) return &step;
    if (telling == nullptr || LoadOf(step) > LoadOf(*telling)) telling = &step;
  }
  return telling;
}

}  // namespace

void Break(const BreakingOptions& options, Lab& lab) {
  SearchOptions search{.loop = Loop::kOpen,
                       .p99_limit = lab.options().slo.p99,
                       .cap = options.max_rate,
                       .precision = options.precision,
                       .base = lab.options().measure / 2,
                       .measure = lab.options().measure,
                       .confirm = options.confirm};
  if (options.rates) {
    *lab.report().mutable_rate_limit() =
        Find(search, options.max_rate_option, lab);
  }
  if (options.rates && options.overload && !lab.stopped()) TryOverload(lab);
  if (options.users && !lab.stopped()) {
    search.loop = Loop::kClosed;
    search.cap = options.max_users;
    *lab.report().mutable_users_limit() =
        Find(search, options.max_users_option, lab);
  }
  if (const report::Step* step = Telling(lab.report())) {
    AddFindings(*step, lab.report());
  }
}

}  // namespace pinhole::lab
