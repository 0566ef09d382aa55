// SPDX-License-Identifier: Apache-2.0

// Properties of steps, and which of the steps of a run to show.

#pragma once

#include <string>

#include "client/lab/report/report.pb.h"
#include "google/protobuf/repeated_field.h"

namespace pinhole::lab {

using Steps = google::protobuf::RepeatedPtrField<report::Step>;

// The step that achieved most of those that kept the service level; the last
// step if none did; null if there are no steps.
const report::Step* BestStep(const Steps& steps);

// Whether a step tells what the server does at its load: it ran to its end, the
// load generator kept up, and it did not probe what happens beyond the limit.
bool IsOrdinary(const report::Step& step);

// Users, or the rate that was asked for.
double LoadOf(const report::Step& step);

// The load as text: "20 users", "1 user", "400 ops/s".
std::string LoadText(const report::Step& step);

// The share of calls that failed, 0 to 1.
double FailureShareOf(const report::Operation& operation);

}  // namespace pinhole::lab
