// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/options/command_line.h"

namespace pinhole {

// Determines the values of a program's options.  In order of precedence: the
// command line, the environment, the file given with --config, the default.
// Adds --config, --print-config and --check-config, and an environment variable
// for each option that can be set in a file.  CLI11's own support for files is
// not used, because its files override the environment and its errors do not
// name the line.
class OptionSources {
 public:
  // `program` must outlive this object.  The values of the options named in
  // `secrets` ("--token") are not printed.
  explicit OptionSources(CommandLine& program,
                         std::vector<std::string> secrets = {});

  OptionSources(const OptionSources&) = delete;
  OptionSources& operator=(const OptionSources&) = delete;

  // Sets the variables of the options.  All options must have been added to
  // `program` before.  Returns an exit with code 2, whose text has the location
  // of the error, for: an invalid value; an unknown option or key; an
  // environment variable whose name is similar to that of an option.
  std::optional<ExitRequest> Parse(int argc, const char* const* argv);

  // Must be called after `Parse`.  Returns an exit because of `status`, whose
  // message begins with the name of an option.
  ExitRequest Refuse(const absl::Status& status) const;

  // Must be called after `Parse`.  Returns an exit if --print-config or
  // --check-config was given.  `check` validates settings that depend on each
  // other.
  template <typename Check>
  std::optional<ExitRequest> Answer(Check check) const {
    if (print_) return ExitRequest{.code = 0, .text = Print()};
    if (!check_) return std::nullopt;
    const absl::Status status = check();
    if (!status.ok()) return Refuse(status);
    return ExitRequest{.code = 0, .text = "the settings are valid\n"};
  }

 private:
  enum class Kind { kFile, kEnvironment, kFlag };
  struct Source {
    Kind kind = Kind::kFlag;
    std::vector<std::string> values;  // As written in the source.
    int line = 0;                     // Only for kFile.
  };

  std::optional<ExitRequest> ReadFlags(int argc, const char* const* argv);
  std::optional<ExitRequest> ReadEnvironment();
  std::optional<ExitRequest> ReadFile();
  std::optional<ExitRequest> ParseAll(int argc, const char* const* argv);
  CLI::Option* Find(std::string_view key) const;  // Null if unknown.
  std::vector<std::string> Keys(bool for_file) const;
  std::string Shown(const std::string& key, const std::string& value) const;
  std::vector<std::string> Values(const CLI::Option& option) const;
  std::string Origin(const std::string& key) const;
  std::string Explain(std::string_view message) const;
  std::string Print() const;

  CLI::App& app() const;

  CommandLine& program_;
  const std::vector<std::string> secrets_;
  std::string path_;
  bool print_ = false;
  bool check_ = false;
  // By key ("http-listen"); only of options that are set.
  std::map<std::string, Source> sources_;
};

}  // namespace pinhole
