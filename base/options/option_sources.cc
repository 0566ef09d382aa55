// SPDX-License-Identifier: Apache-2.0

#include "base/options/option_sources.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <utility>

#include "CLI/CLI.hpp"
#include "base/nearest_word.h"
#include "base/options/config_file.h"
#include "fmt/format.h"

namespace pinhole {
namespace {

constexpr std::string_view kPrefix = "PINHOLE_";
constexpr std::size_t kCommentColumn = 48;

ExitRequest Wrong(std::string text) {
  return {.code = 2, .text = std::move(text) + "\n"};
}

std::string KeyOf(const CLI::Option& option) {
  return option.get_lnames().empty() ? "" : option.get_lnames().front();
}

bool IsFlag(const CLI::Option& option) {
  return option.get_items_expected_max() == 0;
}

bool IsList(const CLI::Option& option) {
  return option.get_items_expected_max() > 1;
}

std::string FromEnvironment(const CLI::Option& option) {
  if (option.get_envname().empty()) return "";
  const char* const value = std::getenv(option.get_envname().c_str());
  return value == nullptr ? "" : value;
}

// Splits `values` at the delimiter of the option, as CLI11 does.
std::vector<std::string> Split(const std::vector<std::string>& values,
                               char delimiter) {
  if (delimiter == '\0') return values;
  std::vector<std::string> parts;
  for (const std::string& value : values) {
    for (std::string& part : CLI::detail::split(value, delimiter)) {
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

}  // namespace

OptionSources::OptionSources(CommandLine& program,
                             std::vector<std::string> secrets)
    : program_(program), secrets_(std::move(secrets)) {
  program
      .Add("--config", path_,
           "Configuration file in TOML, for example http-listen = "
           "\"127.0.0.1:8080\". Environment variables override it, and "
           "the command line overrides both")
      .FromEnvironment()
      .Form("FILE")
      .NotInFiles();
  program
      .AddFlag("--print-config", print_,
               "Print all settings and where each comes from in the format of "
               "the configuration file, and exit")
      .NotInFiles();
  program
      .AddFlag("--check-config", check_,
               "Check the settings and the files that they name, and exit with "
               "0 if they are valid or 2 if not")
      .NotInFiles();
}

CLI::App& OptionSources::app() const { return program_.app(); }

std::optional<ExitRequest> OptionSources::Parse(int argc,
                                                const char* const* argv) {
  for (CLI::Option* option : app().get_options()) {
    if (option->get_configurable()) Option(option).FromEnvironment();
  }
  if (auto exit = ReadFlags(argc, argv)) return exit;
  // Help must work even if the settings are invalid.
  const bool help = sources_.count("help") + sources_.count("version") > 0 ||
                    (argc > 1 && std::string_view(argv[1]) == "-h");
  if (!help) {
    if (auto exit = ReadEnvironment()) return exit;
    if (auto exit = ReadFile()) return exit;
  }
  return ParseAll(argc, argv);
}

std::optional<ExitRequest> OptionSources::ReadFlags(int argc,
                                                    const char* const* argv) {
  Source* last = nullptr;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--") break;
    if (argument.substr(0, 2) != "--") {
      if (last != nullptr) last->values.emplace_back(argument);
      continue;
    }
    const std::size_t equals = argument.find('=');
    const std::string key(argument.substr(2, equals - 2));
    if (Find(key) == nullptr) {
      std::vector<std::string> names;
      for (const std::string& known : Keys(false)) {
        names.push_back("--" + known);
      }
      return Wrong(fmt::format("--{} is not an option of {}{}", key,
                               app().get_name(),
                               DidYouMean("--" + key, names)));
    }
    last = &sources_[key];
    last->kind = Kind::kFlag;
    if (equals != argument.npos) {
      last->values.emplace_back(argument.substr(equals + 1));
    }
  }
  return std::nullopt;
}

std::optional<ExitRequest> OptionSources::ReadEnvironment() {
  std::vector<std::string> known;
  for (const CLI::Option* option : app().get_options()) {
    known.push_back(option->get_envname());
    const std::string value = FromEnvironment(*option);
    if (value.empty() || sources_.count(KeyOf(*option)) > 0) continue;
    sources_[KeyOf(*option)] = {
        .kind = Kind::kEnvironment, .values = {value}, .line = 0};
  }
  // Variables of the client, scripts and tests have the same prefix, so only
  // names similar to an option's are errors.
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    if (name.substr(0, kPrefix.size()) != kPrefix) continue;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::size_t letters = name.size() - kPrefix.size();
    const std::string nearest =
        NearestWord(name, known, std::clamp<std::size_t>(letters / 4, 1, 3));
    if (nearest.empty()) continue;
    return Wrong(fmt::format(
        "the environment variable {} is not a setting of {}; did you "
        "mean {}?",
        name, app().get_name(), nearest));
  }
  return std::nullopt;
}

std::optional<ExitRequest> OptionSources::ReadFile() {
  const auto named = sources_.find("config");
  if (named == sources_.end() || named->second.values.empty()) {
    return std::nullopt;
  }
  path_ = named->second.values.back();
  const auto lines = ReadConfigFile(path_);
  if (!lines.ok()) return Wrong(std::string(lines.status().message()));
  for (const ConfigLine& line : *lines) {
    const CLI::Option* const option = Find(line.key);
    const auto wrong = [&](std::string_view rule) {
      return Wrong(fmt::format("{}:{}: {}", path_, line.number, rule));
    };
    if (option == nullptr || !option->get_configurable()) {
      return wrong(fmt::format("{} is not a setting of {}{}", line.key,
                               app().get_name(),
                               DidYouMean(line.key, Keys(true))));
    }
    if (line.values.size() > 1 && !IsList(*option)) {
      return wrong(fmt::format("{} must have exactly one value", line.key));
    }
    // Like an empty environment variable: not set.
    if (line.values.empty() || line.values == std::vector<std::string>{""}) {
      continue;
    }
    if (IsFlag(*option) && line.values[0] != "true" &&
        line.values[0] != "false") {
      return wrong(fmt::format("{} = {}: must be true or false", line.key,
                               line.values[0]));
    }
    sources_.try_emplace(line.key, Source{.kind = Kind::kFile,
                                          .values = line.values,
                                          .line = line.number});
  }
  return std::nullopt;
}

std::optional<ExitRequest> OptionSources::ParseAll(int argc,
                                                   const char* const* argv) {
  std::vector<std::string> arguments;
  for (const auto& [key, source] : sources_) {
    // CLI11 2.4, in Debian 13, ignores environment variables with invalid
    // values, so they are passed as arguments.
    if (source.kind == Kind::kFlag) continue;
    for (const std::string& value : source.values) {
      arguments.push_back(fmt::format("--{}={}", key, value));
    }
  }
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  auto exit = program_.Read(std::move(arguments));
  if (exit && exit->code != 0) {
    return Wrong(Explain(exit->text) +
                 "\nRun with --help for more information.");
  }
  return exit;
}

ExitRequest OptionSources::Refuse(const absl::Status& status) const {
  return Wrong(Explain(std::string(status.message())));
}

CLI::Option* OptionSources::Find(std::string_view key) const {
  return app().get_option_no_throw("--" + std::string(key));
}

std::vector<std::string> OptionSources::Keys(bool for_file) const {
  std::vector<std::string> keys;
  for (const CLI::Option* option : app().get_options()) {
    if (for_file && !option->get_configurable()) continue;
    keys.push_back(KeyOf(*option));
  }
  return keys;
}

std::string OptionSources::Shown(const std::string& key,
                                 const std::string& value) const {
  const bool secret =
      std::find(secrets_.begin(), secrets_.end(), "--" + key) != secrets_.end();
  return secret ? "(secret)" : value;
}

// Adds the location at which the first option in the message was set, unless it
// was set on the command line.
std::string OptionSources::Explain(std::string_view message) const {
  const std::size_t begin = message.find("--");
  if (begin == message.npos) return std::string(message);
  std::size_t end = begin + 2;
  while (end < message.size() &&
         (std::islower(static_cast<unsigned char>(message[end])) != 0 ||
          message[end] == '-')) {
    ++end;
  }
  const std::string key(message.substr(begin + 2, end - begin - 2));
  const auto found = sources_.find(key);
  if (found == sources_.end()) return std::string(message);
  const Source& source = found->second;
  std::string value =
      Shown(key, fmt::format("{}", fmt::join(source.values, ", ")));
  std::string place;
  if (source.kind == Kind::kFile) {
    place = fmt::format("{}:{}: {} = {}", path_, source.line, key, value);
  } else if (source.kind == Kind::kEnvironment) {
    place = fmt::format("{}={}", Find(key)->get_envname(), value);
  } else {
    return std::string(message);
  }
  // The location already names the option.
  if (begin == 0 && message.substr(end, 2) == ": ") {
    message.remove_prefix(end + 2);
  }
  return fmt::format("{}: {}", place, message);
}

std::vector<std::string> OptionSources::Values(
    const CLI::Option& option) const {
  const std::string key = KeyOf(option);
  const auto source = sources_.find(key);
  if (IsFlag(option))
    return {option.count() > 0 && option.as<bool>() ? "true" : "false"};
  if (source != sources_.end()) {
    return Split(source->second.values, option.get_delimiter());
  }
  std::string value = option.get_default_str();
  if (IsList(option) && value.size() >= 2 && value.front() == '[') {
    value =
        value.substr(1, value.size() - 2);  // CLI11 formats a list in brackets.
  }
  if (value.empty()) return {};
  return Split({value}, option.get_delimiter());
}

std::string OptionSources::Origin(const std::string& key) const {
  const auto found = sources_.find(key);
  if (found == sources_.end()) return "default";
  switch (found->second.kind) {
    case Kind::kFile:
      return fmt::format("file {}:{}", path_, found->second.line);
    case Kind::kEnvironment:
      return "environment " + Find(key)->get_envname();
    default:
      return "flag --" + key;
  }
}

std::string OptionSources::Print() const {
  std::string text = fmt::format(
      "# The settings of {} and where each comes from.\n", app().get_name());
  for (const CLI::Option* option : app().get_options()) {
    const std::string key = KeyOf(*option);
    if (!option->get_configurable()) continue;
    const std::vector<std::string> values = Values(*option);
    if (values.empty()) {
      text += fmt::format("# {} is not set\n", key);
      continue;
    }
    std::vector<std::string> written;
    written.reserve(values.size());
    for (const std::string& value : values) {
      written.push_back(IsFlag(*option) ? value : ConfigValue(value));
    }
    std::string shown = fmt::format("{}", fmt::join(written, ", "));
    if (IsList(*option)) shown = fmt::format("[{}]", shown);
    const std::string told = Shown(key, shown);
    // The secret is omitted, so the line cannot be used as a setting.
    const std::string line =
        fmt::format("{}{} = {}", told == shown ? "" : "# ", key, told);
    text += fmt::format("{:<{}} # {}\n", line, kCommentColumn, Origin(key));
  }
  return text;
}

}  // namespace pinhole
