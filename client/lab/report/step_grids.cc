// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/step_grids.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "client/lab/report/time_parts.h"
#include "client/lab/report/wording.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

constexpr auto kWords = Column::Kind::kWords;

std::string Verdict(const report::Step& step) {
  std::string verdict;
  if (step.generator_limited()) {
    verdict = "lab limited";
  } else if (step.passed()) {
    verdict = "passed";
  } else {
    for (const std::string& reason : step.reasons()) {
      verdict += (verdict.empty() ? "" : "; ") + reason;
    }
    if (verdict.empty()) verdict = "failed";
  }
  if (step.cut_short()) verdict += " (cut short)";
  return verdict;
}

// Load and throughput, by kind.
std::vector<Column> LoadColumns(bool open) {
  if (open) return {{"asked/s"}, {"offered/s"}, {"ops/s"}};
  return {{"users"}, {"ops/s"}};
}

std::vector<std::string> LoadCells(const report::Step& step) {
  if (step.kind() != "open") {
    return {fmt::format("{}", step.users()), FigureWord(step.achieved())};
  }
  return {FigureWord(LoadOf(step)), FigureWord(step.offered()),
          FigureWord(step.achieved())};
}

std::vector<std::string> StepCells(const report::Step& step) {
  std::vector<std::string> cells = LoadCells(step);
  const double failures = FailureShareOf(step.total());
  const report::Latency& response = step.total().response();
  for (std::string cell :
       {PercentFigure(1 - failures), PercentFigure(failures),
        FigureWord(response.p50_ms()), FigureWord(response.p95_ms()),
        FigureWord(response.p99_ms()), FigureWord(response.max_ms()),
        FigureWord(step.total().service().p99_ms()), FigureWord(step.late()),
        FigureWord(step.dropped()), step.purpose(), Verdict(step)}) {
    cells.push_back(std::move(cell));
  }
  return cells;
}

std::string IntervalWord(const report::Latency& latency) {
  if (!(latency.p99_high_ms() > 0)) return "";
  return fmt::format("{} to {}", FigureWord(latency.p99_low_ms()),
                     FigureWord(latency.p99_high_ms()));
}

void AddOperation(const report::Step& step, const report::Operation& operation,
                  Grid& grid) {
  const double failures = FailureShareOf(operation);
  const report::Latency& response = operation.response();
  grid.Add({operation.name().empty() ? "all" : operation.name(),
            FigureWord(Throughput(step, operation)), FigureWord(operation.ok()),
            PercentFigure(failures), FigureWord(response.p50_ms()),
            FigureWord(response.p95_ms()), FigureWord(response.p99_ms()),
            IntervalWord(response), FigureWord(response.max_ms()),
            FigureWord(operation.service().p99_ms())});
}

void AddResources(const report::Step& step, Grid& grid) {
  const report::Resources& resources = step.resources();
  grid.Add(
      {LoadWord(step), FigureWord(resources.cpu_cores()),
       FigureWord(resources.hash_cores()),
       FigureWord(100 * resources.write_lock_share()),
       FigureWord(100 * resources.commit_share()),
       FigureWord(resources.commit_p99_ms()),
       FigureWord(resources.commands_per_commit()),
       FigureWord(resources.write_wait_p99_ms()),
       FigureWord(resources.pool_wait_p99_ms()),
       FigureWord(100 * resources.cache_hit_ratio()),
       FigureWord(resources.queries_per_operation()),
       FigureWord(resources.busy_errors()), FigureWord(resources.rejected()),
       FigureWord(100 * resources.checkpoint_share()),
       FigureWord(resources.wal_mib()), FigureWord(resources.memory_mib())});
}

}  // namespace

Grid StepGrid(const StepChoice& steps) {
  Grid grid;
  if (steps.empty()) return grid;
  const bool open = steps.front()->kind() == "open";
  const bool judged = AreJudged(steps);
  grid.columns = LoadColumns(open);
  for (const char* name : {"success %", "error %", "p50 ms", "p95 ms", "p99 ms",
                           "max ms", "service p99 ms", "late", "dropped"}) {
    grid.columns.push_back({name});
  }
  grid.columns.push_back({"purpose", kWords});
  grid.columns.push_back({"verdict", kWords});
  for (const report::Step* step : steps) {
    grid.Add(StepCells(*step),
             judged && !step->passed() ? Row::Mark::kBad : Row::Mark::kNone);
  }
  if (!judged) grid.Drop("verdict");
  // In a closed loop a call is sent when it is meant to be.
  if (!open) grid.Drop("service p99 ms");
  const bool all_rungs =
      std::all_of(steps.begin(), steps.end(),
                  [](const auto* step) { return step->purpose() == "ladder"; });
  if (all_rungs) grid.Drop("purpose");
  for (const char* name : {"late", "dropped", "purpose"}) {
    grid.DropIfNothing(name);
  }
  return grid;
}

Grid OperationGrid(const report::Step& step) {
  Grid grid;
  grid.columns = {{"operation", kWords},
                  {"ok/s"},
                  {"ok"},
                  {"error %"},
                  {"p50 ms"},
                  {"p95 ms"},
                  {"p99 ms"},
                  {"p99 between"},
                  {"max ms"},
                  {"service p99 ms"}};
  for (const report::Operation& operation : step.operations()) {
    AddOperation(step, operation, grid);
  }
  if (grid.rows.size() > 1) AddOperation(step, step.total(), grid);
  if (step.kind() != "open") grid.Drop("service p99 ms");
  grid.DropIfNothing("p99 between");
  return grid;
}

Grid ErrorGrid(const report::Step& step) {
  struct Failure {
    std::uint32_t count;
    std::string operation;
    std::string kind;
  };
  std::vector<Failure> failures;
  for (const report::Operation& operation : step.operations()) {
    for (const auto& [kind, count] : operation.errors()) {
      if (count > 0) failures.push_back({count, operation.name(), kind});
    }
  }
  std::sort(failures.begin(), failures.end(), [](const auto& a, const auto& b) {
    return std::tie(b.count, a.operation, a.kind) <
           std::tie(a.count, b.operation, b.kind);
  });
  Grid grid;
  grid.columns = {{"operation", kWords}, {"error", kWords}, {"count"}};
  for (const Failure& failure : failures) {
    grid.Add({failure.operation, failure.kind, FigureWord(failure.count)});
  }
  return grid;
}

Grid ErrorGrid(const StepChoice& steps) {
  std::set<std::string> kinds;
  for (const report::Step* step : steps) {
    for (const auto& [kind, count] : step->total().errors()) {
      if (count > 0) kinds.insert(kind);
    }
  }
  Grid grid;
  if (kinds.empty()) return grid;
  grid.columns = {{"step", kWords}, {"error %"}};
  for (const std::string& kind : kinds) grid.columns.push_back({kind});
  for (const report::Step* step : steps) {
    std::vector<std::string> cells = {
        LoadWord(*step), PercentFigure(FailureShareOf(step->total()))};
    const auto& errors = step->total().errors();
    for (const std::string& kind : kinds) {
      const auto count = errors.find(kind);
      cells.push_back(FigureWord(count == errors.end() ? 0 : count->second));
    }
    grid.Add(std::move(cells));
  }
  return grid;
}

Grid ResourceGrid(const StepChoice& steps) {
  Grid grid;
  grid.columns = {
      {"step", kWords},    {"CPU cores"},         {"hashing cores"},
      {"write lock %"},    {"commit %"},          {"commit p99 ms"},
      {"commands/commit"}, {"write wait p99 ms"}, {"pool wait p99 ms"},
      {"cache hits %"},    {"queries/op"},        {"busy"},
      {"rejected"},        {"checkpoint %"},      {"WAL MiB"},
      {"memory MiB"}};
  for (const report::Step* step : steps) {
    if (HasMetrics(*step)) AddResources(*step, grid);
  }
  for (const char* name : {"busy", "rejected"}) grid.DropIfNothing(name);
  return grid;
}

Grid TimeSpentGrid(const report::Step& step) {
  Grid grid;
  grid.columns = {{"method", kWords}, {"calls"}, {"ms"}};
  const std::vector<TimePart> parts = TimePartsOf(step.resources());
  for (const TimePart& part : parts) {
    grid.columns.push_back({part.title + " ms"});
  }
  for (const report::TimeSpent& spent : step.resources().time_spent()) {
    double sum = 0;
    for (const auto& [part, ms] : spent.part_ms()) sum += ms;
    std::vector<std::string> cells = {spent.method(), FigureWord(spent.calls()),
                                      FigureWord(sum)};
    for (const TimePart& part : parts) {
      cells.push_back(FigureWord(MsIn(spent, part)));
    }
    grid.Add(std::move(cells));
  }
  return grid;
}

}  // namespace pinhole::lab
