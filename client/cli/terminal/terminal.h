// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "absl/status/statusor.h"

namespace pinhole::cli {

// The command's interface to the terminal and the environment, which tests
// replace.  The streams must outlive it.
struct Terminal {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  // Returns an environment variable, or an empty string if it is not set.
  std::function<std::string(const std::string& name)> env;
  // Reads a line from the terminal without echo.
  // Errors: FAILED_PRECONDITION if there is no terminal.
  std::function<absl::StatusOr<std::string>(const std::string& prompt)>
      ask_secret;
};

// The terminal of the process.
Terminal SystemTerminal();

}  // namespace pinhole::cli
