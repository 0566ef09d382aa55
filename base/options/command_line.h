// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/options/cli_command.h"

namespace pinhole {

// A request to print `text` and exit with `code` instead of running the
// program.
struct ExitRequest {
  int code = 0;  // 0 after --help or --version, 2 for a usage error.
  std::string text;
};

// The command line of a program.
class CommandLine : public CliCommand {
 public:
  // `version` is the output of --version; if empty, there is no such option.
  CommandLine(const std::string& program, const std::string& description,
              const std::string& version = "");
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // Parses the arguments, without the program's name: sets the variables of the
  // options and calls the functions set with `OnParsed`.  The text of an exit
  // with code 2 has the program's name, the error and how to get help.
  std::optional<ExitRequest> Parse(std::vector<std::string> arguments);

 private:
  friend class OptionSources;

  explicit CommandLine(std::unique_ptr<CLI::App> app);
  // Like `Parse`, but the text of a usage error is only the error message.
  std::optional<ExitRequest> Read(std::vector<std::string> arguments);
  // Explains the parser's error `what` about the arguments `written`.
  std::string Mistake(const std::string& what,
                      const std::vector<std::string>& written) const;

  const std::unique_ptr<CLI::App> app_;
};

}  // namespace pinhole
