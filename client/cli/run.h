// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <vector>

#include "client/cli/terminal/terminal.h"

namespace pinhole::cli {

// Runs the command line `arguments`, without the program's name.  Returns the
// exit code: 0 for success, 1 if a call failed, 2 for a usage error.  The
// command `health` has its own exit codes.
int Run(std::vector<std::string> arguments, Terminal& terminal);

}  // namespace pinhole::cli
