// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_OPTIONS_OPTION_H_
#define PINHOLE_BASE_OPTIONS_OPTION_H_

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class Option;
}

namespace pinhole {

// One option of a command, a flag or an argument without a name, while it is
// being declared.  A reference: copies mean the same option, which its command
// owns.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  Option Required();
  // The option is refused unless `other` is given, too.
  Option Needs(Option other);
  // The option is refused if `other` is given.
  Option Excludes(Option other);

  // The value has to be a number of this range.
  Option Range(int least, int most);
  Option Range(double least, double most);
  Option NotNegative();
  // The value has to be one of `words`.
  Option OneOf(std::vector<std::string> words);
  // The value has to be the path of a file that exists.
  Option ExistingFile();
  // `error` returns what is wrong with a value, or an empty string.  `form` is
  // the placeholder for the value in the help ("HOST:PORT").
  Option Check(std::function<std::string(const std::string&)> error,
               const std::string& form);
  // As `Check`, and may change the value.
  Option Transform(std::function<std::string(std::string&)> error,
                   const std::string& form = "");

  // A list may be written as one value, with a comma between its entries.
  Option CommaSeparated();
  // Help shows the value that the variable has now, or `text`, as the default.
  Option ShowDefault();
  Option ShowDefault(const std::string& text);
  // The heading of the help under which it stands.
  Option Group(const std::string& heading);
  // Sets the placeholder for the value in the help.
  Option Form(const std::string& form);
  // Also from the variable PINHOLE_X_Y of the environment, for --x-y.
  Option FromEnvironment();
  // Not from a file of settings.
  Option NotInFiles();

  // Whether the command line has it, after the parsing.
  bool IsGiven() const;

 private:
  CLI::Option* option_;
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_OPTIONS_OPTION_H_
