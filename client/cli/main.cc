// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <vector>

#include "client/cli/run.h"

int main(int argc, char** argv) {
  pinhole::cli::Terminal terminal = pinhole::cli::SystemTerminal();
  return pinhole::cli::Run(std::vector<std::string>(argv + 1, argv + argc),
                           terminal);
}
