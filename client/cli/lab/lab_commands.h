// SPDX-License-Identifier: Apache-2.0

// The commands below `pinhole lab`.

#pragma once

#include "client/cli/commands/context.h"

namespace pinhole::cli {

// Exit codes besides 0 and kWrongUsage (2).  1: a threshold was crossed, a
// figure got worse, a check failed, or not even the lowest load kept the
// service level; 3: the server cannot be reached; 4: the run supports no firm
// conclusion, because the lab was the limit or because there were too few
// answers; 130: interrupted.
inline constexpr int kCrossed = 1;
inline constexpr int kUnreachable = 3;
inline constexpr int kInconclusive = 4;
inline constexpr int kInterrupted = 130;

// Each adds one command to `lab`.  `context` must outlive it.
void AddDiagnosticCommand(CliCommand lab, Context& context);
void AddStressCommand(CliCommand lab, Context& context);
void AddBreakingCommand(CliCommand lab, Context& context);
void AddAblationCommand(CliCommand lab, Context& context);
void AddCleanCommand(CliCommand lab, Context& context);
void AddCompareCommand(CliCommand lab, Context& context);
void AddReportCommand(CliCommand lab, Context& context);

// Returns `status`, and sets the exit code that belongs to it.
absl::Status Failed(Context& context, absl::Status status);

}  // namespace pinhole::cli
