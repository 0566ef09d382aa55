// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// Bounds of a ratio.
struct RatioInterval {
  double low = 1;
  double high = 1;
};

// A figure of two runs.
struct Difference {
  std::string load;       // "20 users", or "limit".
  std::string operation;  // "feed"; "all" for all operations together.
  std::string figure;     // "p50", "p99", "rate".
  double before = 0;      // In ms, or operations a second.
  double after = 0;
  double ratio = 1;  // After over before.
  // 95 % confidence for a step; the precision of the search for a limit.
  // Nothing if the reports do not hold enough to give one.
  std::optional<RatioInterval> interval = {};
  // The interval excludes 1, and the ratio is above 1.05 or below 1 / 1.05.
  bool changed = false;
  bool worse = false;  // It changed, and for the worse.

  // By how much the figure got worse; 0.1 is a tenth.  0 if it did not.
  double Loss() const;
};

struct Comparison {
  std::vector<std::string> unlike;  // Why the two cannot be compared.
  std::vector<Difference> differences;
  // Loads whose figures have no interval, and why.
  std::vector<std::string> without_interval;
  // Loads of a ladder that only one of the runs has measured, which is not the
  // case if the step was cut short or the lab was the limit.
  std::vector<std::string> missing;

  double WorstLoss() const;
  // Whether any figure has an interval.
  bool HasInterval() const;
};

// Returns the differences between the CPUs, builds and loads of two runs, which
// make their figures incomparable: "CPUs: '2' and '8'".
std::vector<std::string> DifferencesOfRuns(const report::Report& before,
                                           const report::Report& after);

// Compares the steps of two runs that have the same load, and the limits that
// both have found.
//
// Intervals come from blocks of time (the method of batch means): the seconds
// of a step's timeline are divided into up to ten blocks of equal length, and
// CompareMeans() compares the blocks' means of operations a second, of each
// second's p50 and of each second's p99.  Consecutive answers depend on each
// other, means of seconds hardly do.  The timeline covers all operations
// together, so figures of one operation have no interval.
// Errors: FAILED_PRECONDITION (the runs have no load in common).
absl::StatusOr<Comparison> Compare(const report::Report& before,
                                   const report::Report& after);

// A table of what changed, and lines about the rest.
std::string ComparisonText(const Comparison& comparison);
// The same as JSON.
std::string ComparisonJson(const Comparison& comparison);

}  // namespace pinhole::lab
