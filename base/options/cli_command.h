// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_OPTIONS_CLI_COMMAND_H_
#define PINHOLE_BASE_OPTIONS_CLI_COMMAND_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/options/option.h"

namespace CLI {
class App;
}

namespace pinhole {

// A command of a program, or the program itself: what it takes, and the
// commands below it.  CLI11 behind a header that compiles fast: CLI11's own
// takes seconds in each file.
//
// A reference: copies mean the same command, which its `CommandLine` owns.
class CliCommand {
 public:
  // An option ("--limit", "-o,--output") or an argument ("PHOTO").  Parsing
  // sets `value`, which must live until then; what it is before is the default.
  Option Add(const std::string& name, std::string& value,
             const std::string& help);
  Option Add(const std::string& name, std::filesystem::path& value,
             const std::string& help);
  Option Add(const std::string& name, int& value, const std::string& help);
  Option Add(const std::string& name, std::uint32_t& value,
             const std::string& help);
  Option Add(const std::string& name, std::uint64_t& value,
             const std::string& help);
  Option Add(const std::string& name, double& value, const std::string& help);
  Option Add(const std::string& name, std::optional<int>& value,
             const std::string& help);
  Option Add(const std::string& name, std::vector<std::string>& value,
             const std::string& help);
  Option Add(const std::string& name, std::vector<int>& value,
             const std::string& help);
  Option Add(const std::string& name, std::vector<double>& value,
             const std::string& help);
  Option AddFlag(const std::string& name, bool& value, const std::string& help);

  // An option that is one of a few words, each of which stands for a value.
  template <typename Value>
  Option AddChoice(const std::string& name, Value& value,
                   std::vector<std::pair<std::string, Value>> words,
                   const std::string& help);

  // Requires one of the commands that are added to it.
  CliCommand AddCommand(const std::string& name, const std::string& help);
  // The heading in the help of the command above under which this one stands.
  CliCommand Group(const std::string& heading);
  // Options of the command may also stand after the name of one below it.
  CliCommand FallThrough();
  // After the help of the options.
  CliCommand Footer(const std::string& text);
  // Called when this command has been parsed and nothing was wrong.
  CliCommand OnParsed(std::function<void()> action);

 protected:
  explicit CliCommand(CLI::App* app) : app_(app) {}
  CLI::App& app() const { return *app_; }

 private:
  Option AddWord(const std::string& name, std::vector<std::string> words,
                 std::size_t shown, std::function<void(std::size_t)> choose,
                 const std::string& help);

  CLI::App* app_;
};

template <typename Value>
Option CliCommand::AddChoice(const std::string& name, Value& value,
                             std::vector<std::pair<std::string, Value>> words,
                             const std::string& help) {
  std::vector<std::string> names;
  std::vector<Value> values;
  std::size_t shown = words.size();
  for (auto& [word, meaning] : words) {
    if (meaning == value) shown = names.size();
    names.push_back(word);
    values.push_back(meaning);
  }
  return AddWord(
      name, std::move(names), shown,
      [&value, values = std::move(values)](std::size_t i) {
        value = values[i];
      },
      help);
}

}  // namespace pinhole

#endif  // PINHOLE_BASE_OPTIONS_CLI_COMMAND_H_
