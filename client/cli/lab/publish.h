// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_CLI_LAB_PUBLISH_H_
#define PINHOLE_CLIENT_CLI_LAB_PUBLISH_H_

#include <vector>

#include "client/cli/context.h"
#include "client/cli/lab/load_arguments.h"
#include "client/lab/core/threshold.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::cli {

// Prints a report as text or as JSON, and writes the files that were asked for.
// Errors: those of writing.
absl::Status Publish(Context& context, const OutputArguments& arguments,
                     const lab::report::Report& report);

// Notes in `report` which thresholds the steps crossed; of a search, those that
// confirm its limits.
void CheckThresholds(const std::vector<lab::Threshold>& thresholds,
                     const std::vector<lab::StepFigures>& steps,
                     lab::report::Report& report);

}  // namespace pinhole::cli

#endif  // PINHOLE_CLIENT_CLI_LAB_PUBLISH_H_
