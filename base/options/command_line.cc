// SPDX-License-Identifier: Apache-2.0

#include "base/options/command_line.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "CLI/CLI.hpp"
#include "base/nearest_word.h"
#include "base/utf8.h"
#include "fmt/format.h"

namespace pinhole {
namespace {

constexpr std::size_t kMaxTypos = 2;

// The innermost command on the command line, and its full name.
std::pair<const CLI::App*, std::string> Chosen(const CLI::App& program) {
  const CLI::App* command = &program;
  std::string name = program.get_name();
  while (true) {
    const auto commands = command->get_subcommands();
    if (commands.empty()) return {command, name};
    command = commands.front();
    name += " " + command->get_name();
  }
}

// The names of the commands on the way to the one called `name`, which may be
// at any depth below `command`; empty if there is none.
std::string PathTo(const CLI::App& command, const std::string& name) {
  const std::string path = command.get_name() + " ";
  for (const CLI::App* below : command.get_subcommands({})) {
    if (below->get_name() == name) return path + name;
    const std::string found = PathTo(*below, name);
    if (!found.empty()) return path + found;
  }
  return "";
}

// The command that `word`, which is not one at its place, most likely means:
// "stress" and "test:stress" are "pinhole lab stress", "seed:users" is
// "pinhole seed".  Empty if there is none.
std::string CommandMeantBy(const CLI::App& program, const std::string& word) {
  const std::size_t colon = word.find(':');
  if (colon == std::string::npos) return PathTo(program, word);
  const std::string group = word.substr(0, colon);
  const std::string name = word.substr(colon + 1);
  for (const CLI::App* below : program.get_subcommands({})) {
    if (below->get_name() != group) continue;
    const std::string path = program.get_name() + " ";
    const std::string nested = PathTo(*below, name);
    return path + (nested.empty() ? group : nested);
  }
  return PathTo(program, name);
}

}  // namespace

CommandLine::CommandLine(const std::string& program,
                         const std::string& description,
                         const std::string& version)
    : CommandLine(std::make_unique<CLI::App>(description, program)) {
  if (!version.empty()) app().set_version_flag("--version", version);
}

CommandLine::CommandLine(std::unique_ptr<CLI::App> app)
    : CliCommand(app.get()), app_(std::move(app)) {}

CommandLine::~CommandLine() = default;

std::optional<ExitRequest> CommandLine::Parse(
    std::vector<std::string> arguments) {
  auto exit = Read(std::move(arguments));
  if (exit && exit->code != 0) {
    exit->text =
        fmt::format("{}: {}\nRun `{} --help` for more information.\n",
                    app_->get_name(), Escape(exit->text), Chosen(*app_).second);
  }
  return exit;
}

std::optional<ExitRequest> CommandLine::Read(
    std::vector<std::string> arguments) {
  // CLI11 expects the arguments in reverse order.
  std::reverse(arguments.begin(), arguments.end());
  try {
    app_->parse(std::move(arguments));
  } catch (const CLI::Success& success) {
    std::ostringstream out;
    app_->exit(success, out, out);
    return ExitRequest{.code = 0, .text = out.str()};
  } catch (const CLI::ParseError& error) {
    return ExitRequest{.code = 2, .text = Mistake(error.what())};
  }
  return std::nullopt;
}

std::string CommandLine::Mistake(const std::string& what) const {
  const auto rest = app_->remaining(true);
  std::vector<std::string> commands;
  for (const CLI::App* command : Chosen(*app_).first->get_subcommands({})) {
    commands.push_back(command->get_name());
  }
  if (commands.empty() || rest.empty() || rest.front().front() == '-') {
    return what;
  }
  std::string mistake = fmt::format("unknown command '{}'", rest.front());
  const std::string meant = CommandMeantBy(*app_, rest.front());
  if (!meant.empty()) return fmt::format("{}; run `{}`", mistake, meant);
  const std::string nearest = NearestWord(rest.front(), commands, kMaxTypos);
  if (!nearest.empty()) mistake += fmt::format("; did you mean '{}'?", nearest);
  return mistake;
}

}  // namespace pinhole
