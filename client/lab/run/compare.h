// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_RUN_COMPARE_H_
#define PINHOLE_CLIENT_LAB_RUN_COMPARE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lab/core/resample.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// A figure of two runs.
struct Difference {
  std::string load;       // "20 users", or "limit".
  std::string operation;  // "feed"; "all" for all together.
  std::string figure;     // "p50", "p99", "rate".
  double before = 0;      // In ms, or operations a second.
  double after = 0;
  Ratio ratio;
  bool worse = false;  // It changed, and for the worse.

  // How much worse, 0.1 is a tenth: of a latency what it grew, of a rate what
  // it lost.  0 if it is not.
  double Loss() const;
};

struct Comparison {
  std::vector<std::string> unlike;  // Why the two cannot be compared.
  std::vector<Difference> differences;

  double WorstLoss() const;
};

// Compares the steps of two runs that have the same load, operation by
// operation, and the limits they found.
// Errors: FAILED_PRECONDITION (no load is in both), INVALID_ARGUMENT (a
// histogram is none).
absl::StatusOr<Comparison> Compare(const report::Report& before,
                                   const report::Report& after);

// For people: a table of what changed and a line about the rest.
std::string ComparisonText(const Comparison& comparison);
// The same as JSON.
std::string ComparisonJson(const Comparison& comparison);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_RUN_COMPARE_H_
