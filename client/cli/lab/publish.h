// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "client/cli/commands/context.h"
#include "client/cli/lab/load_arguments.h"
#include "client/lab/core/threshold.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::cli {

// Errors: INVALID_ARGUMENT (two forms of the report for standard output).
absl::Status CheckOutput(const Context& context,
                         const OutputArguments& arguments);

// Writes one form of the report to standard output: the one whose file is "-",
// else JSON with --json, else text.  Then writes the files.
// Errors: those of WriteReportFile().
absl::Status Publish(Context& context, const OutputArguments& arguments,
                     const lab::report::Report& report);

// Adds to `report` which thresholds the steps crossed; for a search, only steps
// that confirm its limits count.
void CheckThresholds(const std::vector<lab::Threshold>& thresholds,
                     const std::vector<lab::StepFigures>& steps,
                     lab::report::Report& report);

}  // namespace pinhole::cli
