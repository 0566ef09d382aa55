// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/report_document.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "client/lab/core/format.h"
#include "client/lab/core/mix.h"
#include "client/lab/core/tutorial.h"
#include "client/lab/report/step_choice.h"
#include "client/lab/report/summary.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

// Columns by their names, separated by "|"; a "<" marks a column of text.
std::vector<Column> Columns(const std::string& names) {
  std::vector<Column> columns;
  for (absl::string_view name : absl::StrSplit(names, '|')) {
    const bool numeric = !absl::ConsumePrefix(&name, "<");
    columns.push_back({std::string(name), numeric});
  }
  return columns;
}

std::string Ms(const report::Operation& operation, double ms) {
  return operation.ok() > 0 ? FormatNumber(ms) : "–";
}

std::string Percent(double share) { return FormatNumber(100 * share); }

void AddLatency(const report::Operation& operation,
                std::vector<std::string>& cells) {
  const report::Latency& response = operation.response();
  for (const double ms :
       {response.mean_ms(), response.p50_ms(), response.p95_ms(),
        response.p99_ms(), response.max_ms()}) {
    cells.push_back(Ms(operation, ms));
  }
}

// The latency that the tutorial reports for an operation; empty if none.
std::string TutorialLatency(const report::Operation& operation) {
  const auto known = OperationNamed(operation.name());
  return known.ok() ? FormatIfAny(TutorialMs(*known).value_or(0)) : "";
}

// Returns what the tutorial measured under the load of `step`; empty if it did
// not measure that load or that profile.
std::string TutorialResult(const report::Step& step,
                           const std::string& profile) {
  if (profile != "newcomer" || step.kind() == "open" ||
      static_cast<int>(step.users()) != kTutorialBreak.users) {
    return "";
  }
  return fmt::format("{} ops/s, {} % errors", FormatNumber(kTutorialBreak.rate),
                     kTutorialBreak.failure_percent);
}

std::string Verdict(const report::Step& step) {
  std::string verdict =
      step.generator_limited() ? "generator limited"
      : step.passed()          ? "passed"
                      : fmt::format("{}", fmt::join(step.reasons(), "; "));
  if (verdict.empty()) verdict = "failed";
  return verdict + (step.cut_short() ? " (cut short)" : "");
}

// The steps of one kind, in the form of the tutorial's table.
Table StepTable(const Steps& steps, bool open, const std::string& profile) {
  Table table{.columns = Columns(
                  "users|asked/s|offered/s|ops/s|success %|error %|mean ms|"
                  "p50 ms|p95 ms|p99 ms|max ms|service p99 ms|late|dropped|"
                  "<purpose|<verdict|<tutorial")};
  const bool judged =
      std::any_of(steps.begin(), steps.end(), [](const auto& step) {
        return step.passed() || step.reasons_size() > 0;
      });
  for (const report::Step& step : steps) {
    if ((step.kind() == "open") != open) continue;
    const report::Operation& total = step.total();
    const double failures = FailureShareOf(total);
    std::vector<std::string> cells = {
        open ? "" : fmt::format("{}", step.users()),
        open ? FormatNumber(LoadOf(step)) : "",
        open ? FormatNumber(step.offered()) : "",
        FormatNumber(step.achieved()),
        FormatPercentage(1 - failures),
        FormatPercentage(failures)};
    AddLatency(total, cells);
    // A closed loop sends each call when it is due.
    cells.push_back(open ? Ms(total, total.service().p99_ms()) : "");
    cells.push_back(FormatIfAny(step.late()));
    cells.push_back(FormatIfAny(step.dropped()));
    cells.push_back(step.purpose() == "ladder" ? "" : step.purpose());
    cells.push_back(judged ? Verdict(step) : "");
    cells.push_back(TutorialResult(step, profile));
    table.Add(std::move(cells), judged && !step.passed());
  }
  table.DropEmptyColumns();
  return table;
}

Table OperationTable(const report::Step& step) {
  Table table{.columns = Columns(
                  "<operation|ok/s|ok|error %|mean ms|p50 ms|p95 ms|p99 ms|"
                  "max ms|<p99 between|service p99 ms|tutorial ms")};
  const auto add = [&](const report::Operation& operation) {
    const report::Latency& response = operation.response();
    std::vector<std::string> cells = {
        operation.name().empty() ? "all" : operation.name(),
        FormatNumber(step.seconds() > 0 ? operation.ok() / step.seconds() : 0),
        FormatNumber(operation.ok()),
        FormatPercentage(FailureShareOf(operation))};
    AddLatency(operation, cells);
    cells.push_back(operation.ok() > 0 && response.p99_high_ms() > 0
                        ? fmt::format("{} to {}",
                                      FormatNumber(response.p99_low_ms()),
                                      FormatNumber(response.p99_high_ms()))
                        : "");
    cells.push_back(step.kind() == "open"
                        ? Ms(operation, operation.service().p99_ms())
                        : "");
    cells.push_back(TutorialLatency(operation));
    table.Add(std::move(cells));
  };
  for (const report::Operation& operation : step.operations()) add(operation);
  if (table.rows.size() > 1) add(step.total());
  table.DropEmptyColumns();
  return table;
}

// A row for each step and kind of error.
Table ErrorTable(const Steps& steps) {
  Table table{.columns = Columns("<load|<error|count|<operations")};
  for (const report::Step& step : steps) {
    const std::map<std::string, std::uint32_t> kinds(
        step.total().errors().begin(), step.total().errors().end());
    for (const auto& [kind, count] : kinds) {
      if (count == 0) continue;
      std::vector<std::string> operations;
      for (const report::Operation& operation : step.operations()) {
        const auto found = operation.errors().find(kind);
        if (found == operation.errors().end() || found->second == 0) continue;
        operations.push_back(fmt::format("{} {}", operation.name(),
                                         FormatNumber(found->second)));
      }
      table.Add({LoadText(step), kind, FormatNumber(count),
                 fmt::format("{}", fmt::join(operations, ", "))});
    }
  }
  return table;
}

// The parts of a call's time (base/call_timing.h) in the order in which a call
// passes them, and their names for people.
constexpr std::pair<const char*, const char*> kTimeParts[] = {
    {"admission", "admission"}, {"hash_wait", "hash wait"},
    {"hash", "hashing"},        {"write_wait", "write wait"},
    {"write", "writing"},       {"commit", "commit"},
    {"fsync", "fsync"},         {"query", "queries"},
    {"media", "images"},        {"rest", "rest"}};

// The milliseconds of a call, by method and part.
Table TimeTable(const report::Step& step) {
  Table table{.columns = Columns("<method|calls|ms")};
  for (const auto& [part, name] : kTimeParts) table.columns.push_back({name});
  table.columns.push_back({"other"});
  for (const report::TimeSpent& spent : step.resources().time_spent()) {
    double sum = 0;
    for (const auto& [part, ms] : spent.part_ms()) sum += ms;
    std::vector<std::string> cells = {
        spent.method(), FormatNumber(spent.calls()), FormatNumber(sum)};
    for (const auto& [part, name] : kTimeParts) {
      const auto found = spent.part_ms().find(part);
      const double ms = found == spent.part_ms().end() ? 0 : found->second;
      cells.push_back(FormatIfAny(ms));
      sum -= ms;
    }
    // Parts that this version does not know; not a rounding error.
    cells.push_back(sum > 1e-6 ? FormatNumber(sum) : "");
    table.Add(std::move(cells));
  }
  table.DropEmptyColumns();
  return table;
}

Section ResourceSection(const Steps& steps) {
  Section section{.title = "Server resources by step"};
  Table& table = section.table;
  table.columns = Columns(
      "<load|CPU cores|hashing cores|write lock %|commit %|"
      "commit p99 ms|writes/commit|write wait ms|pool wait ms|"
      "cache hit %|queries/op|busy|rejected|checkpoint %|WAL MiB|"
      "memory MiB");
  std::set<std::string> errors;
  for (const report::Step& step : steps) {
    if (!step.has_resources()) continue;
    const report::Resources& used = step.resources();
    if (!used.error().empty()) {
      errors.insert(used.error());
      continue;
    }
    table.Add({LoadText(step), FormatNumber(used.cpu_cores()),
               FormatIfAny(used.hash_cores()),
               FormatIfAny(100 * used.write_lock_share()),
               Percent(used.commit_share()), FormatNumber(used.commit_p99_ms()),
               FormatNumber(used.commands_per_commit()),
               FormatNumber(used.write_wait_p99_ms()),
               FormatNumber(used.pool_wait_p99_ms()),
               FormatIfAny(100 * used.cache_hit_ratio()),
               FormatIfAny(used.queries_per_operation()),
               FormatIfAny(used.busy_errors()), FormatIfAny(used.rejected()),
               FormatIfAny(100 * used.checkpoint_share()),
               FormatIfAny(used.wal_mib()), FormatNumber(used.memory_mib())});
  }
  table.DropEmptyColumns();
  for (const std::string& error : errors) {
    section.items.push_back({"Metrics could not be read", error});
  }
  return section;
}

Table ThresholdTable(const report::Report& report) {
  Table table{.columns = Columns("<threshold|<result|<evidence")};
  for (const report::Threshold& threshold : report.thresholds()) {
    table.Add({threshold.text(), threshold.crossed() ? "crossed" : "kept",
               threshold.evidence()},
              threshold.crossed());
  }
  return table;
}

const report::Step* StepAt(const std::string& load,
                           const report::Variant& variant) {
  for (const report::Step& step : variant.steps()) {
    if (LoadText(step) == load) return &step;
  }
  return nullptr;
}

// The greatest load that all variants ran; empty if there is none.
std::string CommonLoad(const report::Report& report) {
  const report::Step* greatest = nullptr;
  for (const report::Step& step : report.variants(0).steps()) {
    const bool everywhere = std::all_of(
        report.variants().begin(), report.variants().end(),
        [&](const auto& each) { return StepAt(LoadText(step), each); });
    if (everywhere && (!greatest || LoadOf(step) > LoadOf(*greatest))) {
      greatest = &step;
    }
  }
  return greatest == nullptr ? "" : LoadText(*greatest);
}

std::string BottleneckOf(const report::Variant& variant) {
  for (const report::Finding& finding : variant.findings()) {
    if (finding.severity() == "limit") return ResourceName(finding.id());
  }
  return variant.rate_limit().broke_by();
}

void AddVariants(const report::Report& report, Document& document) {
  if (report.variants().empty()) return;
  const std::string& profile = report.config().profile();
  const std::string common = CommonLoad(report);
  const std::string at =
      common.empty() ? "the highest load that passed" : common;
  const report::Variant& first = report.variants(0);
  Table table{.columns = Columns(
                  "<variant|max ops/s|rate gain|max users|users gain|ops/s|"
                  "error %|mean ms|p50 ms|p95 ms|p99 ms|max ms|<bottleneck")};
  Table latencies{
      .columns =
          Columns("<variant|<operation|error %|mean ms|p50 ms|p95 ms|p99 ms|"
                  "max ms|tutorial ms")};
  for (const report::Variant& variant : report.variants()) {
    const report::Step* step =
        common.empty() ? BestStep(variant.steps()) : StepAt(common, variant);
    const report::Operation total =
        step == nullptr ? report::Operation() : step->total();
    std::vector<std::string> cells = {
        variant.name(),
        LimitText(variant.rate_limit(), ""),
        RatioText(first.rate_limit(), variant.rate_limit()),
        LimitText(variant.users_limit(), ""),
        RatioText(first.users_limit(), variant.users_limit()),
        step == nullptr ? "–" : FormatNumber(step->achieved()),
        step == nullptr ? "–" : FormatPercentage(FailureShareOf(total))};
    AddLatency(total, cells);
    cells.push_back(BottleneckOf(variant));
    table.Add(std::move(cells));
    if (step == nullptr) continue;
    for (const report::Operation& operation : step->operations()) {
      cells = {variant.name(), operation.name(),
               FormatPercentage(FailureShareOf(operation))};
      AddLatency(operation, cells);
      cells.push_back(TutorialLatency(operation));
      latencies.Add(std::move(cells));
    }
  }
  table.DropEmptyColumns();
  latencies.DropEmptyColumns();
  document.Add({.title = "Variants, at " + at, .table = std::move(table)});
  document.Add({.title = "Latency by variant and operation, at " + at,
                .table = std::move(latencies)});
  for (const report::Variant& variant : report.variants()) {
    Section steps{.title = "Steps of " + variant.name(),
                  .table = StepTable(variant.steps(), false, profile),
                  .folded = true};
    if (!variant.flags().empty()) {
      steps.items.push_back({"Options", variant.flags()});
    }
    document.Add(std::move(steps));
  }
}

}  // namespace

Document DocumentOf(const report::Report& report) {
  const std::string& profile = report.config().profile();
  Document document{.title = TitleOf(report)};
  document.Add({.title = "Warnings", .items = WarningItems(report)});
  document.Add({.title = "Result", .items = ResultItems(report)});
  document.Add({.title = "Steps by rate",
                .table = StepTable(report.steps(), true, profile)});
  document.Add({.title = "Steps by users",
                .table = StepTable(report.steps(), false, profile)});
  const report::Step* best = BestStep(report.steps());
  for (const report::Step& step : report.steps()) {
    const bool folded = &step != best;
    // Several steps may have had the same load.
    document.Add({.title = "Operations at " + LoadText(step) +
                           (folded ? " (" + step.purpose() + ")" : ""),
                  .table = OperationTable(step),
                  .folded = folded});
  }
  document.Add({.title = "Errors", .table = ErrorTable(report.steps())});
  AddVariants(report, document);
  document.Add({.title = "Findings", .items = FindingItems(report)});
  document.Add({.title = "Thresholds", .table = ThresholdTable(report)});
  if (best != nullptr) {
    document.Add(
        {.title = "Where the time goes at " + LoadText(*best) + ", ms per call",
         .table = TimeTable(*best)});
  }
  document.Add(ResourceSection(report.steps()));
  document.Add({.title = "Environment", .items = EnvironmentItems(report)});
  document.Add({.title = "Configuration", .items = ConfigItems(report)});
  return document;
}

}  // namespace pinhole::lab
