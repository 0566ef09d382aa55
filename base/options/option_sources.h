// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_OPTIONS_OPTION_SOURCES_H_
#define PINHOLE_BASE_OPTIONS_OPTION_SOURCES_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/options/command_line.h"

namespace pinhole {

// Where the values of a program's options come from: the command line, else the
// environment, else the file of --config, else the default.  Adds --config,
// --print-config and --check-config, and to every option that a file may set
// its variable of the environment.  CLI11's own files win over the
// environment, and do not say in which line a mistake is.
class OptionSources {
 public:
  // `program` must outlive it.  Options named in `secrets` ("--token") are not
  // shown.
  explicit OptionSources(CommandLine& program,
                         std::vector<std::string> secrets = {});

  OptionSources(const OptionSources&) = delete;
  OptionSources& operator=(const OptionSources&) = delete;

  // Sets the variables of the options, which have been added to `program` by
  // now.
  // Errors, as what to exit with: a value that breaks its option's rule; an
  // option or a key that does not exist; a variable of the environment that is
  // nearly one of the program's and none.  Each says where it is.
  std::optional<ExitRequest> Parse(int argc, const char* const* argv);

  // The rest is for after `Parse`.

  // What to exit with because of `status`, whose message begins with an option.
  ExitRequest Refuse(const absl::Status& status) const;

  // The answer to --print-config, or to --check-config, if one was given;
  // `check` finds what is wrong although each value by itself is right.
  template <typename Check>
  std::optional<ExitRequest> Answer(Check check) const {
    if (print_) return ExitRequest{.code = 0, .text = Print()};
    if (!check_) return std::nullopt;
    const absl::Status status = check();
    if (!status.ok()) return Refuse(status);
    return ExitRequest{.code = 0, .text = "the settings are good\n"};
  }

 private:
  enum class Kind { kFile, kEnvironment, kFlag };
  struct Source {
    Kind kind = Kind::kFlag;
    std::vector<std::string> values;  // As they were written.
    int line = 0;                     // Of the file.
  };

  std::optional<ExitRequest> ReadFlags(int argc, const char* const* argv);
  std::optional<ExitRequest> ReadEnvironment();
  std::optional<ExitRequest> ReadFile();
  std::optional<ExitRequest> ParseAll(int argc, const char* const* argv);
  CLI::Option* Find(std::string_view key) const;  // Or null.
  std::vector<std::string> Keys(bool of_file) const;
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
  // By key ("http-listen"), of what is not the default.
  std::map<std::string, Source> sources_;
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_OPTIONS_OPTION_SOURCES_H_
