// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/compare.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "client/lab/core/format.h"
#include "client/lab/core/welch.h"
#include "client/lab/report/document.h"
#include "client/lab/report/step_choice.h"
#include "client/lab/run/step.h"
#include "fmt/format.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace pinhole::lab {
namespace {

// Two limits have no timeline, but a search of this precision behind them.
constexpr double kLimitPrecision = 0.05;
constexpr int kMostBlocks = 10;
constexpr int kFewestSeconds = 3;
// Less than this share is not a change, however certain it is.
constexpr double kSmallestChange = 0.05;

// The last step of each load.
std::map<std::string, const report::Step*> ByLoad(
    const report::Report& report) {
  std::map<std::string, const report::Step*> steps;
  for (const report::Step& step : report.steps()) {
    if (!IsOrdinary(step)) continue;
    steps[LoadText(step)] = &step;
  }
  return steps;
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

// A figure of one second of a step, or NaN if the second has none.
using FigureOf = double (*)(const report::Second&);

struct Figure {
  const char* name;
  FigureOf of_second;
  bool more_is_worse;
};

constexpr Figure kFigures[] = {
    {"rate", [](const report::Second& second) { return 1.0 * second.ok(); },
     false},
    {"p50",
     [](const report::Second& second) {
       return second.ok() > 0 ? second.p50_ms() : std::nan("");
     },
     true},
    {"p99",
     [](const report::Second& second) {
       return second.ok() > 0 ? second.p99_ms() : std::nan("");
     },
     true}};

// The means of up to kMostBlocks blocks of consecutive seconds; blocks without
// a value are left out.
std::vector<double> BlockMeans(const report::Step& step, FigureOf of_second) {
  const int seconds = step.timeline_size();
  const int blocks = std::min(seconds, kMostBlocks);
  std::vector<double> means;
  for (int block = 0; block < blocks; ++block) {
    double sum = 0;
    int count = 0;
    for (int i = block * seconds / blocks; i < (block + 1) * seconds / blocks;
         ++i) {
      const double value = of_second(step.timeline(i));
      if (std::isnan(value)) continue;
      sum += value;
      ++count;
    }
    if (count > 0) means.push_back(sum / count);
  }
  return means;
}

bool IsLargeChange(double ratio) {
  return ratio > 1 + kSmallestChange || ratio < 1 / (1 + kSmallestChange);
}

void CompareSteps(const std::string& load, const report::Step& before,
                  const report::Step& after, Comparison& comparison) {
  if (std::min(before.timeline_size(), after.timeline_size()) <
      kFewestSeconds) {
    comparison.without_interval.push_back(fmt::format(
        "no interval is possible for {}: the steps have {} s and {} s, at "
        "least {} s are needed",
        load, before.timeline_size(), after.timeline_size(), kFewestSeconds));
    return;
  }
  for (const Figure& figure : kFigures) {
    const auto means = CompareMeans(BlockMeans(before, figure.of_second),
                                    BlockMeans(after, figure.of_second));
    if (!means || !(means->before > 0)) continue;
    const double ratio = means->after / means->before;
    const RatioInterval interval{.low = 1 + means->low / means->before,
                                 .high = 1 + means->high / means->before};
    const bool changed =
        IsLargeChange(ratio) && (interval.low > 1 || interval.high < 1);
    comparison.differences.push_back(
        {.load = load,
         .operation = "all",
         .figure = figure.name,
         .before = means->before,
         .after = means->after,
         .ratio = ratio,
         .interval = interval,
         .changed = changed,
         .worse = changed && (ratio > 1) == figure.more_is_worse});
  }
}

void CompareOperations(const std::string& load, const report::Step& before,
                       const report::Step& after, Comparison& comparison) {
  for (const report::Operation& operation : after.operations()) {
    const report::Operation* same = FindOperation(before, operation.name());
    if (same == nullptr || same->ok() == 0 || operation.ok() == 0) continue;
    const auto add = [&](const char* figure, double old, double now) {
      if (!(old > 0)) return;
      comparison.differences.push_back({.load = load,
                                        .operation = operation.name(),
                                        .figure = figure,
                                        .before = old,
                                        .after = now,
                                        .ratio = now / old});
    };
    add("p50", same->response().p50_ms(), operation.response().p50_ms());
    add("p99", same->response().p99_ms(), operation.response().p99_ms());
  }
}

void CompareLimit(const char* name, const report::Limit& before,
                  const report::Limit& after, Comparison& comparison) {
  if (before.outcome() != "found" || after.outcome() != "found") return;
  const double ratio = after.highest_passing() / before.highest_passing();
  const bool changed =
      ratio > 1 + 2 * kLimitPrecision || ratio < 1 - 2 * kLimitPrecision;
  comparison.differences.push_back(
      {.load = "limit",
       .operation = "all",
       .figure = name,
       .before = before.highest_passing(),
       .after = after.highest_passing(),
       .ratio = ratio,
       .interval = RatioInterval{.low = ratio * (1 - kLimitPrecision),
                                 .high = ratio * (1 + kLimitPrecision)},
       .changed = changed,
       .worse = changed && ratio < 1});
}

// Names the loads of the ladder of `report` that are missing in `steps`.
void NameMissing(const report::Report& report,
                 const std::map<std::string, const report::Step*>& steps,
                 Comparison& comparison) {
  for (const report::Step& step : report.steps()) {
    const std::string load = LoadText(step);
    if (step.purpose() != "ladder" || steps.contains(load)) continue;
    comparison.missing.push_back(load);
  }
}

std::string ChangeInPercent(double ratio) {
  return fmt::format("{:+.1f} %", 100 * (ratio - 1));
}

bool IsLatency(const Difference& difference) {
  return difference.figure.starts_with("p");
}

}  // namespace

double Difference::Loss() const {
  if (!worse) return 0;
  return IsLatency(*this) ? ratio - 1 : 1 - ratio;
}

double Comparison::WorstLoss() const {
  double worst = 0;
  for (const Difference& difference : differences) {
    worst = std::max(worst, difference.Loss());
  }
  return worst;
}

bool Comparison::HasInterval() const {
  return std::any_of(
      differences.begin(), differences.end(),
      [](const Difference& each) { return each.interval.has_value(); });
}

std::vector<std::string> DifferencesOfRuns(const report::Report& before,
                                           const report::Report& after) {
  std::vector<std::string> differences;
  const auto check = [&](const char* what, const std::string& old,
                         const std::string& now) {
    if (old == now) return;
    differences.push_back(fmt::format("{}: '{}' and '{}'", what, old, now));
  };
  const report::Environment& a = before.environment();
  const report::Environment& b = after.environment();
  check("CPU", a.cpu_model(), b.cpu_model());
  check("CPUs", std::to_string(a.cpus()), std::to_string(b.cpus()));
  check("lab and server on one machine", a.same_host() ? "yes" : "no",
        b.same_host() ? "yes" : "no");
  check("build of the server", LabelOf(a.server_build(), "build_type"),
        LabelOf(b.server_build(), "build_type"));
  check("load", MixOf(before.config()), MixOf(after.config()));
  check("think time", fmt::format("{:g}", before.config().think_seconds()),
        fmt::format("{:g}", after.config().think_seconds()));
  check("arrivals", before.config().arrivals(), after.config().arrivals());
  return differences;
}

absl::StatusOr<Comparison> Compare(const report::Report& before,
                                   const report::Report& after) {
  Comparison comparison;
  comparison.unlike = DifferencesOfRuns(before, after);
  const auto old_steps = ByLoad(before);
  const auto new_steps = ByLoad(after);
  NameMissing(before, new_steps, comparison);
  NameMissing(after, old_steps, comparison);
  for (const auto& [load, step] : new_steps) {
    const auto found = old_steps.find(load);
    if (found == old_steps.end()) continue;
    CompareSteps(load, *found->second, *step, comparison);
    CompareOperations(load, *found->second, *step, comparison);
  }
  CompareLimit("limit of the rate", before.rate_limit(), after.rate_limit(),
               comparison);
  CompareLimit("limit of the users", before.users_limit(), after.users_limit(),
               comparison);
  if (comparison.differences.empty() && comparison.without_interval.empty()) {
    return absl::FailedPreconditionError(
        "the two runs have no load in common: run both with the same --users "
        "or --rates");
  }
  return comparison;
}

std::string ComparisonText(const Comparison& comparison) {
  Table table{.columns = {{"load", false},
                          {"operation", false},
                          {"figure", false},
                          {"before"},
                          {"after"},
                          {"change"},
                          {"interval"}},
              .rows = {}};
  int alike = 0;
  for (const Difference& difference : comparison.differences) {
    const bool judged = difference.interval.has_value();
    if (judged && !difference.changed) ++alike;
    if (judged ? !difference.changed : !IsLargeChange(difference.ratio)) {
      continue;
    }
    const std::string unit = IsLatency(difference) ? " ms" : "";
    table.Add({difference.load, difference.operation, difference.figure,
               FormatNumber(difference.before) + unit,
               FormatNumber(difference.after) + unit,
               ChangeInPercent(difference.ratio),
               judged ? ChangeInPercent(difference.interval->low) + " to " +
                            ChangeInPercent(difference.interval->high)
                      : "–"});
  }
  std::string text = TableToText(table);
  if (comparison.HasInterval()) {
    text += table.rows.empty()
                ? "Nothing changed.\n"
                : fmt::format("{} other figures did not change.\n", alike);
  }
  for (const std::string& reason : comparison.without_interval) {
    text += Sentence(reason) + "\n";
  }
  for (const std::string& load : comparison.missing) {
    text +=
        fmt::format("Only one of the runs has a usable step of {}.\n", load);
  }
  return text;
}

std::string ComparisonJson(const Comparison& comparison) {
  google::protobuf::Struct root;
  const auto add = [&](const char* name, const auto& texts) {
    auto& values = *(*root.mutable_fields())[name].mutable_list_value();
    for (const std::string& text : texts) {
      values.add_values()->set_string_value(text);
    }
  };
  add("unlike", comparison.unlike);
  add("withoutInterval", comparison.without_interval);
  add("missing", comparison.missing);
  auto& list = *(*root.mutable_fields())["differences"].mutable_list_value();
  for (const Difference& difference : comparison.differences) {
    auto& fields = *list.add_values()->mutable_struct_value()->mutable_fields();
    fields["load"].set_string_value(difference.load);
    fields["operation"].set_string_value(difference.operation);
    fields["figure"].set_string_value(difference.figure);
    fields["before"].set_number_value(difference.before);
    fields["after"].set_number_value(difference.after);
    fields["ratio"].set_number_value(difference.ratio);
    if (difference.interval.has_value()) {
      fields["low"].set_number_value(difference.interval->low);
      fields["high"].set_number_value(difference.interval->high);
    }
    fields["changed"].set_bool_value(difference.changed);
    fields["worse"].set_bool_value(difference.worse);
  }
  std::string json;
  // A Struct can always be written.
  (void)google::protobuf::util::MessageToJsonString(root, &json).ok();
  return json + "\n";
}

}  // namespace pinhole::lab
