// SPDX-License-Identifier: Apache-2.0

#pragma once

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

// A command of a program, or the program itself, with its options and
// subcommands.  Wraps CLI11, whose header adds seconds to the compilation of
// each file.
//
// Has reference semantics: copies refer to the same command, which is owned by
// its `CommandLine`.
class CliCommand {
 public:
  // Adds an option ("--limit", "-o,--output") or an argument ("PHOTO"). Parsing
  // sets `value`, whose initial value is the default.  `value` must outlive the
  // parsing.  `help` must be understandable on its own.
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

  // Adds an option whose value is one of `words`, each with its meaning.
  template <typename Value>
  Option AddChoice(const std::string& name, Value& value,
                   std::vector<std::pair<std::string, Value>> words,
                   const std::string& help);

  // Adds a subcommand.  A command with subcommands requires one of them.
  CliCommand AddCommand(const std::string& name, const std::string& help);
  // Sets the heading for this command in the help of its parent.
  CliCommand Group(const std::string& heading);
  // Accepts this command's options also after the name of a subcommand.
  CliCommand FallThrough();
  // Sets the text at the end of the help.
  CliCommand Footer(const std::string& text);
  // Sets the function to call after this command was parsed without errors.
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
