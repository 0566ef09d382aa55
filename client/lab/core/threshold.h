// SPDX-License-Identifier: Apache-2.0

// Conditions that a step must meet, as in `--fail 'p99(feed)<100ms'`.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/lab/core/figures.h"

namespace pinhole::lab {

enum class Metric {
  kQuantile,  // Of the response, in seconds.
  kMean,      // Of the response, in seconds.
  kMax,       // Of the response, in seconds.
  kErrors,    // Share of the operations that failed, 0 to 1.
  kRate,      // Successful operations a second.
};

struct Threshold {
  std::string text;  // As it was written.
  Metric metric = Metric::kQuantile;
  double quantile = 0;  // Of kQuantile, 0 to 1.
  // All operations together if unset.
  std::optional<Operation> operation = {};
  bool below = true;  // The metric must be less than `limit`, else more.
  double limit = 0;   // In the unit of the metric.
};

// METRIC[(OPERATION)] < or > LIMIT.  METRIC is p50, p99, p99.9 ..., mean or max
// (LIMIT is a time: 100ms, 1.5s, 800us), errors (LIMIT is a share: 1% or 0.01)
// or rate (LIMIT is operations a second).
// Errors: INVALID_ARGUMENT (says what is wrong and what is possible).
absl::StatusOr<Threshold> ParseThreshold(std::string_view text);

// Describes the breach ("p99(feed) was 132 ms, limit 100 ms"); nothing if the
// threshold holds.  A threshold on something that was not measured is breached.
std::optional<std::string> Breach(const Threshold& threshold,
                                  const StepFigures& figures);

}  // namespace pinhole::lab
