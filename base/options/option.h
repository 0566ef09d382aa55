// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class Option;
}

namespace pinhole {

// Returns an error message that names the nearest of `words`, or an empty
// string if `word` is one of them.
std::string CheckWord(const std::string& word,
                      const std::vector<std::string>& words);

// An option, flag or positional argument of a command, while it is declared.
// Has reference semantics: copies refer to the same option, which is owned by
// its command.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  Option Required();
  // Refuses the option unless `other` is also given.
  Option Needs(Option other);
  // Refuses the option if `other` is given.
  Option Excludes(Option other);

  // Requires a number from `min` to `max`.
  Option Range(int min, int max);
  Option Range(double min, double max);
  Option NotNegative();
  // Requires one of `words`.
  Option OneOf(std::vector<std::string> words);
  // Requires the path of an existing file.
  Option ExistingFile();
  // `error` returns an error message for a value, or an empty string if it is
  // valid.  `form` is the placeholder for the value in the help ("HOST:PORT").
  Option Check(std::function<std::string(const std::string&)> error,
               const std::string& form);
  // Like `Check`, but `error` can change the value.
  Option Transform(std::function<std::string(std::string&)> error,
                   const std::string& form = "");

  // Accepts a list also as one value, separated by commas.
  Option CommaSeparated();
  // Shows the current value of the variable, or `text`, as the default in the
  // help.
  Option ShowDefault();
  Option ShowDefault(const std::string& text);
  // Sets the heading for the option in the help.
  Option Group(const std::string& heading);
  // Sets the placeholder for the value in the help.
  Option Form(const std::string& form);
  // Reads the option also from the environment: --x-y from PINHOLE_X_Y.
  Option FromEnvironment();
  // Does not allow the option in configuration files.
  Option NotInFiles();

  // Whether the option was given on the command line, once it is parsed.
  bool IsGiven() const;

 private:
  CLI::Option* option_;
};

}  // namespace pinhole
