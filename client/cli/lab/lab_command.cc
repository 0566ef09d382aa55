// SPDX-License-Identifier: Apache-2.0

#include "client/cli/commands/commands.h"
#include "client/cli/lab/lab_commands.h"

namespace pinhole::cli {

void AddLabCommand(CliCommand app, Context& context) {
  CliCommand lab = app.AddCommand(
      "lab",
      "Measure how much load a server can take, and which resource limits it. "
      "--target accepts grpc://HOST:PORT, grpcs://HOST:PORT or "
      "http://HOST:PORT, or several of one kind separated by commas");
  lab.Group("Server").FallThrough();
  AddDiagnosticCommand(lab, context);
  AddStressCommand(lab, context);
  AddBreakingCommand(lab, context);
  AddAblationCommand(lab, context);
  AddCleanCommand(lab, context);
  AddCompareCommand(lab, context);
  AddReportCommand(lab, context);
}

}  // namespace pinhole::cli
