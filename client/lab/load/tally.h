// SPDX-License-Identifier: Apache-2.0

// The counts of a step.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/lab/core/figures.h"
#include "client/lab/core/histogram.h"
#include "client/lab/core/mix.h"

namespace pinhole::lab {

struct OperationTally {
  std::int64_t ok = 0;
  std::map<std::string, std::int64_t> errors;  // By kind.
  Histogram response;  // From the intended start; successes only.
  Histogram service;   // From the time of sending; successes only.

  std::int64_t failed() const;
  void Merge(const OperationTally& other);
};

// One second of a step.
struct SecondTally {
  std::int64_t ok = 0;
  std::int64_t errors = 0;
  std::int64_t in_flight = 0;  // At its end.
  Histogram response;

  void Merge(const SecondTally& other);
};

// Counts the operations whose intended start was within the measured time,
// whenever they ended.  `completed` counts those that succeeded within it,
// whenever they began.
struct Tally {
  std::array<OperationTally, kOperations> operations;
  std::int64_t offered = 0;
  std::int64_t completed = 0;
  std::int64_t registered = 0;  // Accounts created, also in the warm-up.
  std::int64_t dropped = 0;     // Among the errors as well.
  std::int64_t late = 0;        // Among the errors as well.
  std::int64_t in_flight_mid = 0;
  std::int64_t in_flight_end = 0;
  Histogram send_lag;
  double cpu_seconds = 0;          // Of all worker threads.
  double busiest_cpu_seconds = 0;  // Of the busiest worker thread.
  absl::Duration measured;
  bool interrupted = false;  // By the user.
  bool hopeless = false;     // Ended early: LoadPlan::hopeless_beyond.
  std::vector<SecondTally> seconds;

  const OperationTally& Of(Operation operation) const {
    return operations[static_cast<std::size_t>(operation)];
  }
  // All operations together.
  OperationTally Total() const;
  double OfferedPerSecond() const;
  double AchievedPerSecond() const;
  void Merge(const Tally& other);
};

// The figures from which a verdict is derived.
StepFigures FiguresOf(const Tally& tally, const Profile& profile,
                      bool open_loop);

}  // namespace pinhole::lab
