// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/search.h"

#include <algorithm>
#include <cmath>

namespace pinhole::lab {
namespace {

// A tenth of what one user does is far from any limit.
constexpr double kFirstShare = 0.1;
constexpr double kFast = 2;
constexpr double kSlow = 1.25;
constexpr double kStepDown = 0.95;
constexpr int kStepsDown = 3;
constexpr int kConfirmWindows = 3;

}  // namespace

std::string_view NameOf(StepKind kind) {
  switch (kind) {
    case StepKind::kBase:
      return "base";
    case StepKind::kGrow:
      return "grow";
    case StepKind::kBisect:
      return "bisect";
    case StepKind::kConfirm:
      return "confirm";
  }
  return "";
}

std::string_view NameOf(SearchOutcome outcome) {
  switch (outcome) {
    case SearchOutcome::kInterrupted:
      return "interrupted";
    case SearchOutcome::kFound:
      return "found";
    case SearchOutcome::kNeverBroke:
      return "never_broke";
    case SearchOutcome::kFailedAtOnce:
      return "failed_at_once";
    case SearchOutcome::kGeneratorLimited:
      return "generator_limited";
    case SearchOutcome::kNotConfirmed:
      return "not_confirmed";
  }
  return "";
}

Search::Search(const SearchOptions& options) : options_(options) {
  if (options.loop == Loop::kClosed) {
    Run(StepKind::kGrow, 1);
    return;
  }
  step_ = SearchStep{.kind = StepKind::kBase,
                     .loop = Loop::kClosed,
                     .load = 1,
                     .duration = options.base};
}

void Search::Observe(const Observation& observation) {
  if (step_->kind == StepKind::kBase) {
    AfterBase(observation);
  } else if (step_->kind == StepKind::kConfirm) {
    AfterConfirm(observation);
  } else if (observation.verdict.passed) {
    AfterPass(observation);
  } else {
    AfterFailure(observation);
  }
}

void Search::AfterBase(const Observation& observation) {
  const double service = absl::ToDoubleSeconds(observation.service);
  const double first = service > 0 ? kFirstShare / service : 1;
  Run(StepKind::kGrow, std::min(std::max(first, 1.0), options_.cap));
}

void Search::AfterPass(const Observation& observation) {
  NotePassed(observation);
  if (result_.broke_at > 0) {
    Narrow();
  } else if (step_->load >= options_.cap) {
    Confirm(step_->load);
  } else {
    Run(StepKind::kGrow, std::min(Grown(observation.p99), options_.cap));
  }
}

void Search::AfterFailure(const Observation& observation) {
  const bool bisecting = step_->kind == StepKind::kBisect;
  if (!step_->repeat &&
      !(bisecting && bisections_ >= options_.max_bisections)) {
    // Once may be noise.
    step_->repeat = true;
    if (bisecting) ++bisections_;
    return;
  }
  if (observation.verdict.generator_limited) {
    End(SearchOutcome::kGeneratorLimited);
    return;
  }
  NoteBroke(observation);
  if (result_.highest_passing == 0) {
    End(SearchOutcome::kFailedAtOnce);
  } else {
    Narrow();
  }
}

void Search::AfterConfirm(const Observation& observation) {
  if (observation.verdict.passed) {
    NotePassed(observation);
    End(result_.broke_at > 0 ? SearchOutcome::kFound
                             : SearchOutcome::kNeverBroke);
    return;
  }
  if (observation.verdict.generator_limited) {
    End(SearchOutcome::kGeneratorLimited);
    return;
  }
  NoteBroke(observation);
  double lower = step_->load * kStepDown;
  if (options_.loop == Loop::kClosed) lower = std::floor(lower);
  if (++steps_down_ > kStepsDown || lower <= 0) {
    End(SearchOutcome::kNotConfirmed);
  } else {
    Confirm(lower);
  }
}

void Search::Run(StepKind kind, double load) {
  step_ = SearchStep{.kind = kind,
                     .loop = options_.loop,
                     .load = load,
                     .duration = options_.measure};
}

void Search::Narrow() {
  result_.precise = Precise();
  if (result_.precise || bisections_ >= options_.max_bisections) {
    Confirm(result_.highest_passing);
    return;
  }
  ++bisections_;
  Run(StepKind::kBisect, Middle());
}

void Search::Confirm(double load) {
  Run(StepKind::kConfirm, load);
  step_->duration = options_.confirm;
  step_->windows = kConfirmWindows;
}

void Search::End(SearchOutcome outcome) {
  result_.outcome = outcome;
  step_.reset();
}

void Search::NotePassed(const Observation& observation) {
  result_.highest_passing = step_->load;
  result_.achieved = observation.achieved;
  result_.p99 = observation.p99;
}

void Search::NoteBroke(const Observation& observation) {
  result_.broke_at = step_->load;
  result_.reasons = observation.verdict.reasons;
}

double Search::Grown(absl::Duration p99) const {
  if (options_.loop == Loop::kClosed) return step_->load * kFast;
  return step_->load * (p99 > options_.p99_limit / 2 ? kSlow : kFast);
}

double Search::Middle() const {
  const double low = result_.highest_passing;
  const double high = result_.broke_at;
  const double middle = std::sqrt(low * high);
  if (options_.loop == Loop::kOpen) return middle;
  return std::clamp(std::round(middle), low + 1, high - 1);
}

bool Search::Precise() const {
  const double low = result_.highest_passing;
  const double high = result_.broke_at;
  if (options_.loop == Loop::kClosed && high - low <= 1) return true;
  return high / low < options_.precision;
}

}  // namespace pinhole::lab
