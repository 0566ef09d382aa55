// SPDX-License-Identifier: Apache-2.0

// The measurements of a step that its verdict needs.

#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "client/lab/core/histogram.h"
#include "client/lab/core/mix.h"

namespace pinhole::lab {

struct OperationFigures {
  // Operations whose intended start was within the measured time.
  std::int64_t count = 0;
  // Errors, dropped operations (no free slot) and late ones (past the deadline)
  // among them.
  std::int64_t failed = 0;
  // From the intended start to the end of operations that succeeded.
  Histogram response = {};

  double FailureShare() const;  // 0 to 1; 0 if `count` is 0.
  void Merge(const OperationFigures& other);
};

struct GeneratorFigures {
  // How late calls were sent after their intended start.
  absl::Duration send_lag_p99 = {};
  // Share of a core that the busiest worker used.
  double cpu_share = 0;
};

struct StepFigures {
  // Intended starts a second in the measured time, as the timetable drew them:
  // the number of Poisson arrivals varies around the rate.  0 in a closed loop.
  double offered = 0;
  // Operations a second that succeeded within the measured time, whenever they
  // began.
  double achieved = 0;
  absl::Duration measured = {};
  std::map<Operation, OperationFigures> operations;
  std::int64_t in_flight_mid = 0;
  std::int64_t in_flight_end = 0;
  bool hopeless = false;  // Ended early: see Hopeless() in verdict.h.
  GeneratorFigures generator;

  // All operations together.
  OperationFigures Total() const;
};

// "640 us", "38.2 ms", "1.25 s".
std::string InWords(absl::Duration duration);
// "0.25 %", of a share of 0.0025.
std::string Percent(double share);

}  // namespace pinhole::lab
