// SPDX-License-Identifier: Apache-2.0

#include "client/cli/commands.h"
#include "client/cli/lab/lab_commands.h"

namespace pinhole::cli {

void AddLabCommand(CliCommand app, Context& context) {
  CliCommand lab = app.AddCommand(
      "lab",
      "Measure a server: what it can do, and what its limit is made of. "
      "--target takes grpc://HOST:PORT, grpcs://HOST:PORT or "
      "http://HOST:PORT, several with commas between");
  lab.Group("Server").FallThrough();
  AddDiagnosticCommand(lab, context);
  AddStressCommand(lab, context);
  AddBreakingCommand(lab, context);
  AddAblationCommand(lab, context);
  AddCompareCommand(lab, context);
  AddReportCommand(lab, context);
}

}  // namespace pinhole::cli
