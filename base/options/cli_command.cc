// SPDX-License-Identifier: Apache-2.0

#include "base/options/cli_command.h"

#include <algorithm>
#include <memory>

#include "CLI/CLI.hpp"
#include "fmt/format.h"

namespace pinhole {

Option CliCommand::Add(const std::string& name, std::string& value,
                       const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option CliCommand::Add(const std::string& name, std::filesystem::path& value,
                       const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option CliCommand::Add(const std::string& name, int& value,
                       const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option CliCommand::Add(const std::string& name, std::uint32_t& value,
                       const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option CliCommand::Add(const std::string& name, std::uint64_t& value,
                       const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option CliCommand::Add(const std::string& name, double& value,
                       const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option CliCommand::Add(const std::string& name, std::optional<int>& value,
                       const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option CliCommand::Add(const std::string& name, std::vector<std::string>& value,
                       const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option CliCommand::Add(const std::string& name, std::vector<int>& value,
                       const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option CliCommand::Add(const std::string& name, std::vector<double>& value,
                       const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option CliCommand::AddFlag(const std::string& name, bool& value,
                           const std::string& help) {
  return Option(app_->add_flag(name, value, help));
}

Option CliCommand::AddWord(const std::string& name,
                           std::vector<std::string> words, std::size_t shown,
                           std::function<void(std::size_t)> choose,
                           const std::string& help) {
  const std::string form = fmt::format("{}", fmt::join(words, "|"));
  const std::string standard = shown < words.size() ? words[shown] : "";
  const auto check = [words](std::string& word) {
    return CheckWord(word, words);
  };
  const std::function<void(const std::string&)> set =
      [words = std::move(words),
       choose = std::move(choose)](const std::string& word) {
        choose(static_cast<std::size_t>(
            std::find(words.begin(), words.end(), word) - words.begin()));
      };
  auto* const option = app_->add_option_function(name, set, help)
                           ->transform(CLI::Validator(check, form));
  if (!standard.empty()) option->default_str(standard);
  return Option(option);
}

CliCommand CliCommand::AddCommand(const std::string& name,
                                  const std::string& help) {
  app_->require_subcommand(1);
  return CliCommand(app_->add_subcommand(name, help));
}

CliCommand CliCommand::Group(const std::string& heading) {
  app_->group(heading);
  return *this;
}

CliCommand CliCommand::FallThrough() {
  app_->fallthrough();
  return *this;
}

CliCommand CliCommand::Footer(const std::string& text) {
  app_->footer(text);
  return *this;
}

CliCommand CliCommand::OnParsed(std::function<void()> action) {
  app_->final_callback(std::move(action));
  return *this;
}

}  // namespace pinhole
