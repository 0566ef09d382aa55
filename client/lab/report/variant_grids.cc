// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/variant_grids.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "client/lab/report/step_choice.h"
#include "client/lab/report/wording.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

constexpr auto kWords = Column::Kind::kWords;

bool SameLoad(const report::Step& left, const report::Step& right) {
  return left.kind() == right.kind() && LoadOf(left) == LoadOf(right);
}

const report::Step* StepLike(const report::Variant& variant,
                             const report::Step& like) {
  for (const report::Step& step : variant.steps()) {
    if (SameLoad(step, like)) return &step;
  }
  return nullptr;
}

const report::Step* GreatestCommonLoad(const report::Report& report) {
  if (report.variants().empty()) return nullptr;
  const report::Step* greatest = nullptr;
  for (const report::Step& step : report.variants(0).steps()) {
    bool everywhere = true;
    for (const report::Variant& variant : report.variants()) {
      everywhere = everywhere && StepLike(variant, step) != nullptr;
    }
    if (!everywhere) continue;
    if (greatest == nullptr || LoadOf(step) > LoadOf(*greatest)) {
      greatest = &step;
    }
  }
  return greatest;
}

std::string BoundBy(const report::Variant& variant) {
  for (const report::Finding& finding : variant.findings()) {
    if (finding.severity() == "limit") return ResourceWord(finding.id());
  }
  return variant.rate_limit().broke_by();
}

// Names in the order of the first variant that has them.
std::vector<std::string> OperationNames(const report::Report& report) {
  std::vector<std::string> names;
  for (const report::Variant& variant : report.variants()) {
    const report::Step* step = StepToCompare(report, variant);
    if (step == nullptr) continue;
    for (const report::Operation& operation : step->operations()) {
      if (std::find(names.begin(), names.end(), operation.name()) ==
          names.end()) {
        names.push_back(operation.name());
      }
    }
  }
  return names;
}

std::string PercentilesCell(const report::Step* step, const std::string& name) {
  if (step == nullptr) return "-";
  for (const report::Operation& operation : step->operations()) {
    if (operation.name() != name) continue;
    return FigureWord(operation.response().p50_ms()) + " / " +
           FigureWord(operation.response().p99_ms());
  }
  return "-";
}

}  // namespace

const report::Step* StepToCompare(const report::Report& report,
                                  const report::Variant& variant) {
  const report::Step* common = GreatestCommonLoad(report);
  return common == nullptr ? BestStep(variant.steps())
                           : StepLike(variant, *common);
}

std::string ComparedAt(const report::Report& report) {
  const report::Step* common = GreatestCommonLoad(report);
  return common == nullptr ? "at each one's highest load that passed"
                           : "at " + LoadWord(*common);
}

Grid VariantGrid(const report::Report& report) {
  Grid grid;
  if (report.variants().empty()) return grid;
  grid.columns = {{"variant", kWords}, {"max ops/s"},  {"rate gain"},
                  {"max users"},       {"users gain"}, {"ops/s"},
                  {"p50 ms"},          {"p99 ms"},     {"error %"},
                  {"bound by", kWords}};
  const report::Variant& first = report.variants(0);
  for (const report::Variant& variant : report.variants()) {
    const report::Step* step = StepToCompare(report, variant);
    const auto of_step = [&](auto figure) {
      return step == nullptr ? std::string("-") : figure(*step);
    };
    grid.Add({variant.name(), LimitWord(variant.rate_limit(), ""),
              RatioWord(first.rate_limit().highest_passing(),
                        variant.rate_limit().highest_passing()),
              LimitWord(variant.users_limit(), ""),
              RatioWord(first.users_limit().highest_passing(),
                        variant.users_limit().highest_passing()),
              of_step([](const auto& s) { return FigureWord(s.achieved()); }),
              of_step([](const auto& s) {
                return FigureWord(s.total().response().p50_ms());
              }),
              of_step([](const auto& s) {
                return FigureWord(s.total().response().p99_ms());
              }),
              of_step([](const auto& s) {
                return PercentFigure(FailureShareOf(s.total()));
              }),
              BoundBy(variant)});
  }
  for (const char* name : {"rate gain", "users gain", "bound by"}) {
    grid.DropIfNothing(name);
  }
  return grid;
}

Grid VariantOperationGrid(const report::Report& report) {
  Grid grid;
  const std::vector<std::string> names = OperationNames(report);
  if (names.empty()) return grid;
  grid.columns = {{"p50 / p99 ms", kWords}};
  for (const std::string& name : names) grid.columns.push_back({name});
  for (const report::Variant& variant : report.variants()) {
    const report::Step* step = StepToCompare(report, variant);
    std::vector<std::string> cells = {variant.name()};
    for (const std::string& name : names) {
      cells.push_back(PercentilesCell(step, name));
    }
    grid.Add(std::move(cells));
  }
  return grid;
}

}  // namespace pinhole::lab
