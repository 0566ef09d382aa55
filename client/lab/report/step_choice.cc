// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/step_choice.h"

#include "client/lab/core/format.h"
#include "fmt/format.h"

namespace pinhole::lab {

const report::Step* BestStep(const Steps& steps) {
  const report::Step* best = nullptr;
  for (const report::Step& step : steps) {
    if (!step.passed()) continue;
    if (best == nullptr || step.achieved() > best->achieved()) best = &step;
  }
  if (best == nullptr && !steps.empty()) return &steps[steps.size() - 1];
  return best;
}

bool IsOrdinary(const report::Step& step) {
  return !step.cut_short() && !step.generator_limited() &&
         step.purpose() != "overload" && step.purpose() != "recovery";
}

double LoadOf(const report::Step& step) {
  if (step.kind() != "open") return step.users();
  return step.rate() > 0 ? step.rate() : step.offered();
}

std::string LoadText(const report::Step& step) {
  if (step.kind() == "open") return FormatNumber(LoadOf(step)) + " ops/s";
  return fmt::format("{} user{}", step.users(), step.users() == 1 ? "" : "s");
}

double FailureShareOf(const report::Operation& operation) {
  double failures = 0;
  for (const auto& [kind, count] : operation.errors()) failures += count;
  const double all = failures + operation.ok();
  return all > 0 ? failures / all : 0;
}

}  // namespace pinhole::lab
