// SPDX-License-Identifier: Apache-2.0

// Converts counts to messages of the report.

#pragma once

#include <string>

#include "client/lab/core/histogram.h"
#include "client/lab/core/mix.h"
#include "client/lab/load/generator.h"
#include "client/lab/load/tally.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// The step without resources and verdict.
report::Step DescribeStep(const LoadPlan& plan, const Profile& profile,
                          const Tally& tally);

report::Latency DescribeLatency(const Histogram& histogram);

// The operation called `name`, or the total if it is empty; null if there is
// none.
const report::Operation* FindOperation(const report::Step& step,
                                       const std::string& name);

}  // namespace pinhole::lab
