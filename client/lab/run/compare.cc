// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/compare.h"

#include <algorithm>
#include <map>
#include <utility>

#include "client/lab/report/grid.h"
#include "client/lab/report/step_choice.h"
#include "client/lab/report/wording.h"
#include "client/lab/run/step.h"
#include "fmt/format.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace pinhole::lab {
namespace {

// Of two limits, which have no histogram, but a search this precise behind
// them.
constexpr double kLimitPrecision = 0.05;

// The last step of each load.
std::map<std::string, const report::Step*> ByLoad(
    const report::Report& report) {
  std::map<std::string, const report::Step*> steps;
  for (const report::Step& step : report.steps()) {
    if (!IsOrdinary(step)) continue;
    steps[LoadWord(step)] = &step;
  }
  return steps;
}

void CheckAlike(const std::string& what, const std::string& before,
                const std::string& after, Comparison& comparison) {
  if (before == after) return;
  comparison.unlike.push_back(
      fmt::format("{}: '{}' and '{}'", what, before, after));
}

std::string LabelOf(const google::protobuf::Map<std::string, std::string>& map,
                    const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? "" : found->second;
}

std::string MixOf(const report::Config& config) {
  const std::map<std::string, double> sorted(config.mix().begin(),
                                             config.mix().end());
  std::string text = config.profile();
  for (const auto& [name, share] : sorted) {
    text += fmt::format(" {}={:.4g}", name, share);
  }
  return text;
}

void CheckEnvironments(const report::Report& a, const report::Report& b,
                       Comparison& comparison) {
  const auto check = [&](const char* what, const std::string& before,
                         const std::string& after) {
    CheckAlike(what, before, after, comparison);
  };
  check("CPU", a.environment().cpu_model(), b.environment().cpu_model());
  check("CPUs", std::to_string(a.environment().cpus()),
        std::to_string(b.environment().cpus()));
  check("lab and server on one machine",
        a.environment().same_host() ? "yes" : "no",
        b.environment().same_host() ? "yes" : "no");
  check("build of the server",
        LabelOf(a.environment().server_build(), "build_type"),
        LabelOf(b.environment().server_build(), "build_type"));
  check("load", MixOf(a.config()), MixOf(b.config()));
  check("think time", fmt::format("{:g}", a.config().think_seconds()),
        fmt::format("{:g}", b.config().think_seconds()));
  check("arrivals", a.config().arrivals(), b.config().arrivals());
}

absl::Status CompareLatency(const std::string& load,
                            const report::Operation& before,
                            const report::Operation& after,
                            Comparison& comparison) {
  const auto a = HistogramOf(before.response());
  if (!a.ok()) return a.status();
  const auto b = HistogramOf(after.response());
  if (!b.ok()) return b.status();
  const std::pair<const char*, double> quantiles[] = {{"p50", 0.5},
                                                      {"p99", 0.99}};
  for (const auto& [name, q] : quantiles) {
    const auto ratio = CompareQuantile(*a, *b, q);
    if (!ratio.ok()) continue;  // Nothing succeeded: the rate tells.
    comparison.differences.push_back(
        {.load = load,
         .operation = before.name().empty() ? "all" : before.name(),
         .figure = name,
         .before = absl::ToDoubleMilliseconds(a->Quantile(q)),
         .after = absl::ToDoubleMilliseconds(b->Quantile(q)),
         .ratio = *ratio,
         .worse = ratio->changed && ratio->ratio > 1});
  }
  return absl::OkStatus();
}

void CompareRate(const std::string& load, const report::Step& before,
                 const report::Step& after, Comparison& comparison) {
  const auto ratio =
      CompareThroughput({.count = before.total().ok(),
                         .measured = absl::Seconds(before.seconds())},
                        {.count = after.total().ok(),
                         .measured = absl::Seconds(after.seconds())});
  if (!ratio.ok()) return;
  comparison.differences.push_back(
      {.load = load,
       .operation = "all",
       .figure = "rate",
       .before = before.achieved(),
       .after = after.achieved(),
       .ratio = *ratio,
       .worse = ratio->changed && ratio->ratio < 1});
}

void CompareLimit(const char* name, const report::Limit& before,
                  const report::Limit& after, Comparison& comparison) {
  if (before.highest_passing() <= 0 || after.highest_passing() <= 0) return;
  const double ratio = after.highest_passing() / before.highest_passing();
  const Ratio bounds{.ratio = ratio,
                     .low = ratio * (1 - kLimitPrecision),
                     .high = ratio * (1 + kLimitPrecision),
                     .changed = ratio > 1 + 2 * kLimitPrecision ||
                                ratio < 1 - 2 * kLimitPrecision};
  comparison.differences.push_back({.load = "limit",
                                    .operation = "all",
                                    .figure = name,
                                    .before = before.highest_passing(),
                                    .after = after.highest_passing(),
                                    .ratio = bounds,
                                    .worse = bounds.changed && ratio < 1});
}

bool IsLatency(const Difference& difference) {
  return difference.figure.starts_with("p");
}

}  // namespace

double Difference::Loss() const {
  if (!worse) return 0;
  return IsLatency(*this) ? ratio.ratio - 1 : 1 - ratio.ratio;
}

double Comparison::WorstLoss() const {
  double worst = 0;
  for (const Difference& difference : differences) {
    worst = std::max(worst, difference.Loss());
  }
  return worst;
}

absl::StatusOr<Comparison> Compare(const report::Report& before,
                                   const report::Report& after) {
  Comparison comparison;
  CheckEnvironments(before, after, comparison);
  const auto old_steps = ByLoad(before);
  for (const auto& [load, step] : ByLoad(after)) {
    const auto found = old_steps.find(load);
    if (found == old_steps.end()) continue;
    const report::Step& old = *found->second;
    CompareRate(load, old, *step, comparison);
    if (auto status =
            CompareLatency(load, old.total(), step->total(), comparison);
        !status.ok()) {
      return status;
    }
    for (const report::Operation& operation : step->operations()) {
      const report::Operation* same = FindOperation(old, operation.name());
      if (same == nullptr) continue;
      if (auto status = CompareLatency(load, *same, operation, comparison);
          !status.ok()) {
        return status;
      }
    }
  }
  CompareLimit("limit of the rate", before.rate_limit(), after.rate_limit(),
               comparison);
  CompareLimit("limit of the users", before.users_limit(), after.users_limit(),
               comparison);
  if (comparison.differences.empty()) {
    return absl::FailedPreconditionError(
        "the two runs have no load in common: run both with the same --users "
        "or --rates");
  }
  return comparison;
}

std::string ComparisonText(const Comparison& comparison) {
  Grid grid{.columns = {{"load", Column::Kind::kWords},
                        {"operation", Column::Kind::kWords},
                        {"figure", Column::Kind::kWords},
                        {"before"},
                        {"after"},
                        {"ratio"},
                        {"95 % interval"}},
            .rows = {}};
  int alike = 0;
  for (const Difference& difference : comparison.differences) {
    if (!difference.ratio.changed) {
      ++alike;
      continue;
    }
    const std::string unit = IsLatency(difference) ? " ms" : "";
    grid.Add({difference.load, difference.operation, difference.figure,
              FigureWord(difference.before) + unit,
              FigureWord(difference.after) + unit,
              fmt::format("{:.3f}", difference.ratio.ratio),
              fmt::format("{:.3f} to {:.3f}", difference.ratio.low,
                          difference.ratio.high)},
             difference.worse ? Row::Mark::kBad : Row::Mark::kGood);
  }
  std::string text = grid.empty() ? "Nothing changed.\n" : GridToText(grid);
  if (!grid.empty())
    text += fmt::format("{} other figures did not change.\n", alike);
  return text;
}

std::string ComparisonJson(const Comparison& comparison) {
  google::protobuf::Struct root;
  auto& unlike = *(*root.mutable_fields())["unlike"].mutable_list_value();
  for (const std::string& reason : comparison.unlike) {
    unlike.add_values()->set_string_value(reason);
  }
  auto& list = *(*root.mutable_fields())["differences"].mutable_list_value();
  for (const Difference& difference : comparison.differences) {
    auto& fields = *list.add_values()->mutable_struct_value()->mutable_fields();
    fields["load"].set_string_value(difference.load);
    fields["operation"].set_string_value(difference.operation);
    fields["figure"].set_string_value(difference.figure);
    fields["before"].set_number_value(difference.before);
    fields["after"].set_number_value(difference.after);
    fields["ratio"].set_number_value(difference.ratio.ratio);
    fields["low"].set_number_value(difference.ratio.low);
    fields["high"].set_number_value(difference.ratio.high);
    fields["changed"].set_bool_value(difference.ratio.changed);
    fields["worse"].set_bool_value(difference.worse);
  }
  std::string json;
  // A Struct of texts, numbers and truths can always be written.
  (void)google::protobuf::util::MessageToJsonString(root, &json).ok();
  return json + "\n";
}

}  // namespace pinhole::lab
