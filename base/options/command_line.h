// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_OPTIONS_COMMAND_LINE_H_
#define PINHOLE_BASE_OPTIONS_COMMAND_LINE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/options/cli_command.h"

namespace pinhole {

// Asks the program to print `text` and exit with `code` instead of running.
struct ExitRequest {
  int code = 0;  // 0: after --help or --version; 2: wrong usage.
  std::string text;
};

// The command line of a program.
class CommandLine : public CliCommand {
 public:
  // `version` is what --version prints; without one there is no such option.
  CommandLine(const std::string& program, const std::string& description,
              const std::string& version = "");
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // Sets the variables of the options and calls what `OnParsed` was given.  An
  // exit with code 2 names the program, says what is wrong with which argument,
  // and where there is help.
  std::optional<ExitRequest> Parse(std::vector<std::string> arguments);

 private:
  friend class OptionSources;

  explicit CommandLine(std::unique_ptr<CLI::App> app);
  // As `Parse`, but for wrong usage the text is only what is wrong.
  std::optional<ExitRequest> Read(std::vector<std::string> arguments);
  std::string Mistake(const std::string& what) const;

  const std::unique_ptr<CLI::App> app_;
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_OPTIONS_COMMAND_LINE_H_
