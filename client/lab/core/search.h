// SPDX-License-Identifier: Apache-2.0

// The search for the load at which a server breaks, free of clock and network:
// it says which step to run, is told what came of it, and says the next.
//
//   Search search(options);
//   while (!search.done()) search.Observe(Run(search.step()));
//   Print(search.result());
//
// Open loop (operations a second): a base step with one user gives the time s0
// of an operation.  From max(1, 0.1 / s0) the rate doubles while steps pass, or
// grows by a quarter once p99 is over half the limit.  Closed loop (users): 1,
// 2, 4, ...  A step that fails is repeated once; two failures are the upper
// bound.  Then the gap is halved geometrically until it is narrower than the
// precision, and the highest that passed is confirmed for longer; if it does
// not pass again, 5 % less, three times at most.

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "client/lab/core/verdict.h"

namespace pinhole::lab {

enum class Loop { kOpen, kClosed };

struct SearchOptions {
  Loop loop = Loop::kOpen;
  absl::Duration p99_limit = absl::Milliseconds(100);
  double cap = 1e6;         // No more than that, users or operations a second.
  double precision = 1.05;  // Upper bound over lower, more than 1.
  int max_bisections = 14;  // Steps, repeated ones included.
  absl::Duration base = absl::Seconds(5);
  absl::Duration measure = absl::Seconds(10);
  absl::Duration confirm = absl::Seconds(30);
};

enum class StepKind { kBase, kGrow, kBisect, kConfirm };

// "base", "grow", "bisect", "confirm".
std::string_view NameOf(StepKind kind);

struct SearchStep {
  StepKind kind = StepKind::kBase;
  bool repeat = false;  // The same load failed just now.
  Loop loop = Loop::kOpen;
  double load = 0;  // Operations a second, or users: a whole number.
  absl::Duration duration = {};
  int windows = 1;  // Parts of `duration` that all must pass.
};

struct Observation {
  Verdict verdict = {};  // Of all windows: the first that failed, if any did.
  double achieved = 0;   // Operations a second.
  absl::Duration p99 = {};      // Of the response of all operations.
  absl::Duration service = {};  // Mean time of an operation.  Of a base step.
};

enum class SearchOutcome {
  kInterrupted,       // Not done yet.
  kFound,             // Confirmed.
  kNeverBroke,        // The cap was confirmed.
  kFailedAtOnce,      // The first load failed twice: nothing passed.
  kGeneratorLimited,  // A step failed for the lab's sake, twice.
  kNotConfirmed,      // What passed did not pass again, nor 5 % less.
};

// "interrupted", "found", "never_broke", ...
std::string_view NameOf(SearchOutcome outcome);

struct SearchResult {
  SearchOutcome outcome = SearchOutcome::kInterrupted;
  // The highest load that passed, confirmed if the outcome says so; 0 if none.
  // If it was not confirmed it may be above `broke_at`.
  double highest_passing = 0;
  double achieved = 0;      // Operations a second at that load.
  absl::Duration p99 = {};  // At that load.
  // The lowest load that failed twice (or did not confirm), and why; 0 if none
  // did.
  double broke_at = 0;
  std::vector<Reason> reasons = {};
  // The search ended because the two were close enough, not because it had run
  // too many steps.
  bool precise = false;
};

// Not thread-safe.
class Search {
 public:
  explicit Search(const SearchOptions& options);

  bool done() const { return !step_.has_value(); }
  // The step to run.  Not to be called when done.
  const SearchStep& step() const { return *step_; }
  // What came of `step`.  Not to be called when done.
  void Observe(const Observation& observation);
  // What is known so far.
  const SearchResult& result() const { return result_; }

 private:
  void AfterBase(const Observation& observation);
  void AfterPass(const Observation& observation);
  void AfterFailure(const Observation& observation);
  void AfterConfirm(const Observation& observation);
  void Run(StepKind kind, double load);
  void Narrow();
  void Confirm(double load);
  void End(SearchOutcome outcome);
  void NotePassed(const Observation& observation);
  void NoteBroke(const Observation& observation);
  double Grown(absl::Duration p99) const;
  double Middle() const;
  bool Precise() const;

  const SearchOptions options_;
  std::optional<SearchStep> step_;
  SearchResult result_;
  int bisections_ = 0;
  int steps_down_ = 0;
};

}  // namespace pinhole::lab
