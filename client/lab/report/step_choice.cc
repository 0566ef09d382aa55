// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/step_choice.h"

#include <algorithm>

namespace pinhole::lab {
namespace {

double Failures(const report::Operation& operation) {
  double failures = 0;
  for (const auto& [kind, count] : operation.errors()) failures += count;
  return failures;
}

double Share(double part, double rest) {
  return part + rest > 0 ? part / (part + rest) : 0;
}

}  // namespace

StepChoice All(const Steps& steps) {
  StepChoice choice;
  for (const report::Step& step : steps) choice.push_back(&step);
  return choice;
}

StepChoice OfKind(const Steps& steps, const std::string& kind) {
  StepChoice choice;
  for (const report::Step& step : steps) {
    if (step.kind() == kind) choice.push_back(&step);
  }
  return choice;
}

const report::Step* BestStep(const Steps& steps) {
  const report::Step* best = nullptr;
  for (const report::Step& step : steps) {
    if (!step.passed()) continue;
    if (best == nullptr || step.achieved() > best->achieved()) best = &step;
  }
  if (best == nullptr && !steps.empty()) return &steps[steps.size() - 1];
  return best;
}

bool AreJudged(const StepChoice& steps) {
  return std::any_of(steps.begin(), steps.end(), [](const auto* step) {
    return step->passed() || step->reasons_size() > 0;
  });
}

bool IsOrdinary(const report::Step& step) {
  return !step.cut_short() && !step.generator_limited() &&
         step.purpose() != "overload" && step.purpose() != "recovery";
}

double LoadOf(const report::Step& step) {
  if (step.kind() != "open") return step.users();
  return step.rate() > 0 ? step.rate() : step.offered();
}

StepChoice ByLoad(StepChoice steps) {
  std::stable_sort(steps.begin(), steps.end(),
                   [](const auto* left, const auto* right) {
                     return LoadOf(*left) < LoadOf(*right);
                   });
  return steps;
}

double FailureShareOf(const report::Operation& operation) {
  return Share(Failures(operation), operation.ok());
}

double Throughput(const report::Step& step,
                  const report::Operation& operation) {
  return step.seconds() > 0 ? operation.ok() / step.seconds() : 0;
}

}  // namespace pinhole::lab
