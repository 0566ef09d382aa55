// SPDX-License-Identifier: Apache-2.0

#include "client/cli/terminal/terminal.h"

#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace pinhole::cli {
namespace {

std::string Environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

absl::StatusOr<std::string> AskSecret(const std::string& prompt) {
  termios before;
  if (isatty(STDIN_FILENO) == 0 || tcgetattr(STDIN_FILENO, &before) != 0) {
    return absl::FailedPreconditionError(
        "cannot ask for the password without a terminal; use --password-stdin "
        "or set PINHOLE_PASSWORD");
  }
  termios silent = before;
  // Without ISIG, like getpass: Ctrl-C would leave the terminal without echo.
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
  std::cerr << prompt << std::flush;
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  std::cerr << "\n";
  constexpr char kCtrlC = '\x03';
  if (!read || line.find(kCtrlC) != std::string::npos)
    return absl::FailedPreconditionError("no password was entered");
  return line;
}

}  // namespace

Terminal SystemTerminal() {
  return {.in = std::cin,
          .out = std::cout,
          .err = std::cerr,
          .out_is_terminal = isatty(STDOUT_FILENO) != 0,
          .err_is_terminal = isatty(STDERR_FILENO) != 0,
          .env = Environment,
          .ask_secret = AskSecret};
}

}  // namespace pinhole::cli
