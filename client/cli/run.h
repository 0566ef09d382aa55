// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_CLI_RUN_H_
#define PINHOLE_CLIENT_CLI_RUN_H_

#include <string>
#include <vector>

#include "client/cli/terminal.h"

namespace pinhole::cli {

// Runs one command line, `arguments` being what follows the program's name.
// Returns the exit code: 0 done, 1 the call failed, 2 the command line is
// wrong; `health` has its own.
int Run(std::vector<std::string> arguments, Terminal& terminal);

}  // namespace pinhole::cli

#endif  // PINHOLE_CLIENT_CLI_RUN_H_
