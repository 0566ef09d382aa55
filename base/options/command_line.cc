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

// The innermost command on the command line, and its full name.  With `words`,
// only of the commands whose names are among them.
std::pair<const CLI::App*, std::string> Chosen(
    const CLI::App& program, const std::vector<std::string>* words = nullptr) {
  const CLI::App* command = &program;
  std::string path = program.get_name();
  while (true) {
    const auto commands = command->get_subcommands();
    if (commands.empty()) return {command, path};
    const std::string& name = commands.front()->get_name();
    if (words != nullptr &&
        std::find(words->begin(), words->end(), name) == words->end()) {
      return {command, path};
    }
    command = commands.front();
    path += " " + name;
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

void AddNames(const CLI::App& command, std::vector<std::string>& names) {
  for (const CLI::App* below : command.get_subcommands({})) {
    names.push_back(below->get_name());
    AddNames(*below, names);
  }
}

// The message about `word`, which is not a command below `command`, whose full
// name is `path`.
std::string UnknownCommand(const CLI::App& program, const CLI::App& command,
                           const std::string& path, const std::string& word) {
  const std::string mistake = fmt::format("unknown command '{}'", word);
  const std::string meant = CommandMeantBy(program, word);
  if (!meant.empty()) return fmt::format("{}; run `{}`", mistake, meant);
  std::vector<std::string> names;
  for (const CLI::App* below : command.get_subcommands({})) {
    names.push_back(below->get_name());
  }
  std::string nearest = NearestWord(word, names);
  if (!nearest.empty()) {
    nearest = path + " " + nearest;
  } else {
    names.clear();
    AddNames(program, names);
    nearest = NearestWord(word, names);
    if (nearest.empty()) return mistake;
    nearest = PathTo(program, nearest);
  }
  return fmt::format("{}; did you mean `{}`?", mistake, nearest);
}

// The message about `argument`, which is not an option that could be given
// there.  `command` is the command that was chosen, with the full name `path`.
std::string UnknownOption(const CLI::App& command, const std::string& path,
                          const std::string& argument) {
  const std::string name = argument.substr(0, argument.find('='));
  std::vector<std::string> known;
  const CLI::App* level = &command;
  while (level != nullptr) {
    for (const CLI::Option* option : level->get_options()) {
      for (const std::string& each : option->get_lnames()) {
        known.push_back("--" + each);
      }
    }
    level = level->get_fallthrough() ? level->get_parent() : nullptr;
  }
  if (std::find(known.begin(), known.end(), name) != known.end()) {
    return fmt::format("{} is an option of `{}`; write it after the command",
                       name, path);
  }
  return fmt::format("{} is not an option of `{}`{}", name, path,
                     DidYouMean(name, known));
}

// Whether an option that takes a value is called `name`, in any command.
bool TakesValue(const CLI::App& command, const std::string& name) {
  const CLI::Option* option = command.get_option_no_throw(name);
  if (option != nullptr && option->get_items_expected_max() > 0) return true;
  const auto commands = command.get_subcommands({});
  return std::any_of(
      commands.begin(), commands.end(),
      [&name](const CLI::App* below) { return TakesValue(*below, name); });
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
  // CLI11 takes "--caption=" without a value, and then takes the next argument
  // as the value.
  const auto end = std::find(arguments.begin(), arguments.end(), "--");
  const auto options = end - arguments.begin();
  for (std::ptrdiff_t i = options - 1; i >= 0; --i) {
    std::string& argument = arguments[i];
    if (!argument.starts_with("--") || !argument.ends_with('=')) continue;
    const std::string name = argument.substr(0, argument.size() - 1);
    if (!TakesValue(*app_, name)) continue;
    argument = name;
    arguments.insert(arguments.begin() + i + 1, "");
  }
  // CLI11 expects the arguments in reverse order.
  std::reverse(arguments.begin(), arguments.end());
  std::vector<std::string> written = arguments;
  try {
    app_->parse(std::move(arguments));
  } catch (const CLI::Success& success) {
    std::ostringstream out;
    app_->exit(success, out, out);
    return ExitRequest{.code = 0, .text = out.str()};
  } catch (const CLI::ParseError& error) {
    std::reverse(written.begin(), written.end());
    return ExitRequest{.code = 2, .text = Mistake(error.what(), written)};
  }
  return std::nullopt;
}

std::string CommandLine::Mistake(
    const std::string& what, const std::vector<std::string>& written) const {
  const auto rest = app_->remaining(true);
  const auto is_option = [](const std::string& argument) {
    return argument.size() > 1 && argument.front() == '-' && argument != "--";
  };
  if (!rest.empty() && !is_option(rest.front())) {
    // The parser skips unknown words before the name of a command.
    const std::vector<std::string> before(
        written.begin(),
        std::find(written.begin(), written.end(), rest.front()));
    const auto [level, name] = Chosen(*app_, &before);
    if (!level->get_subcommands({}).empty()) {
      return UnknownCommand(*app_, *level, name, rest.front());
    }
  }
  const auto option = std::find_if(rest.begin(), rest.end(), is_option);
  if (option == rest.end()) return what;
  const auto [command, path] = Chosen(*app_);
  return UnknownOption(*command, path, *option);
}

}  // namespace pinhole
