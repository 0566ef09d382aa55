// SPDX-License-Identifier: Apache-2.0

// Which of the steps of a run to show.

#ifndef PINHOLE_CLIENT_LAB_REPORT_STEP_CHOICE_H_
#define PINHOLE_CLIENT_LAB_REPORT_STEP_CHOICE_H_

#include <string>
#include <vector>

#include "client/lab/report/report.pb.h"
#include "google/protobuf/repeated_field.h"

namespace pinhole::lab {

using Steps = google::protobuf::RepeatedPtrField<report::Step>;
// Of a report, which must outlive it.
using StepChoice = std::vector<const report::Step*>;

StepChoice All(const Steps& steps);
// `kind` is "open" or "closed".
StepChoice OfKind(const Steps& steps, const std::string& kind);

// Of those that kept the service level the one that achieved most; if none did,
// the last; null if there are none.
const report::Step* BestStep(const Steps& steps);

// Whether the steps were judged at all.
bool AreJudged(const StepChoice& steps);

// Whether a step says what the server does at its load: it ran to its end, the
// lab kept up, and it was not about what happens beyond the limit.
bool IsOrdinary(const report::Step& step);

// Users, or the rate that was asked for.
double LoadOf(const report::Step& step);

// The same steps with the least load first.
StepChoice ByLoad(StepChoice steps);

double FailureShareOf(const report::Operation& operation);  // 0 to 1.

// Operations of this kind that succeeded, a second.
double Throughput(const report::Step& step, const report::Operation& operation);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_STEP_CHOICE_H_
