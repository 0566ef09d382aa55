// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_CLI_TERMINAL_H_
#define PINHOLE_CLIENT_CLI_TERMINAL_H_

#include <functional>
#include <iosfwd>
#include <string>

#include "absl/status/statusor.h"

namespace pinhole::cli {

// What the command line touches of the world outside, so that a test can stand
// in for it.  The streams must outlive it.
struct Terminal {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  // An environment variable; empty if it is not set.
  std::function<std::string(const std::string& name)> env;
  // Asks for a line that is not shown while it is typed.
  // Errors: FAILED_PRECONDITION if nobody can be asked.
  std::function<absl::StatusOr<std::string>(const std::string& prompt)>
      ask_secret;
};

// The real one.
Terminal SystemTerminal();

}  // namespace pinhole::cli

#endif  // PINHOLE_CLIENT_CLI_TERMINAL_H_
