// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/options/cli_command.h"
#include "client/cli/commands/context.h"
#include "client/lab/core/threshold.h"
#include "client/lab/run/lab.h"

namespace pinhole::cli {

// Files to which a report is written; empty for none.
struct OutputArguments {
  std::string json_file;
  std::string html_file;
  std::string markdown_file;
};

// The options of all commands that make load.
struct LoadArguments {
  std::string profile = "newcomer";
  std::string mix;
  double think_seconds = 0;
  double warmup_seconds = 3;
  double measure_seconds = 10;
  double timeout_seconds = 10;
  std::string arrivals = "poisson";
  int connections = 0;
  int workers = 0;
  int max_in_flight = 4096;
  int people = 20;
  std::string password = "pinhole-demo-1";
  std::string sessions;
  std::uint64_t seed = 1;
  std::string metrics;
  double slo_p99_ms = 100;
  double slo_errors_percent = 1;
  std::vector<std::string> thresholds;
  OutputArguments output;
  std::string command_line;
};

void AddLoadArguments(CliCommand command, LoadArguments& arguments);
void AddOutputArguments(CliCommand command, OutputArguments& arguments);

// The servers to measure.  Errors: INVALID_ARGUMENT, also if a TLS file cannot
// be read.
absl::StatusOr<lab::Target> TargetOf(const Context& context);

// Errors: INVALID_ARGUMENT (names the flag and the rule).
absl::StatusOr<lab::LabOptions> OptionsFrom(const LoadArguments& arguments,
                                            const Context& context);
absl::StatusOr<std::vector<lab::Threshold>> ThresholdsFrom(
    const LoadArguments& arguments);

}  // namespace pinhole::cli
