// SPDX-License-Identifier: Apache-2.0

#include "base/options/option.h"

#include <algorithm>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/nearest_word.h"

namespace pinhole {

std::string CheckWord(const std::string& word,
                      const std::vector<std::string>& words) {
  if (std::find(words.begin(), words.end(), word) != words.end()) return "";
  return absl::StrCat("must be one of ", absl::StrJoin(words, "|"), ", got \"",
                      word, "\"", DidYouMean(word, words));
}

Option Option::Required() {
  option_->required();
  return *this;
}

Option Option::Needs(Option other) {
  option_->needs(other.option_);
  return *this;
}

Option Option::Excludes(Option other) {
  option_->excludes(other.option_);
  return *this;
}

Option Option::Range(int min, int max) {
  option_->check(CLI::Range(min, max));
  return *this;
}

Option Option::Range(double min, double max) {
  option_->check(CLI::Range(min, max));
  return *this;
}

Option Option::NotNegative() {
  option_->check(CLI::NonNegativeNumber);
  return *this;
}

Option Option::OneOf(std::vector<std::string> words) {
  const std::string form = absl::StrCat("{", absl::StrJoin(words, ","), "}");
  return Check([words = std::move(words)](
                   const std::string& word) { return CheckWord(word, words); },
               form);
}

Option Option::ExistingFile() {
  option_->check(CLI::ExistingFile);
  return *this;
}

Option Option::Check(std::function<std::string(const std::string&)> error,
                     const std::string& form) {
  return Transform(
      [error = std::move(error)](std::string& value) { return error(value); },
      form);
}

Option Option::Transform(std::function<std::string(std::string&)> error,
                         const std::string& form) {
  option_->transform(CLI::Validator(std::move(error), form));
  return *this;
}

Option Option::CommaSeparated() {
  option_->delimiter(',');
  return *this;
}

Option Option::ShowDefault() {
  option_->capture_default_str();
  return *this;
}

Option Option::ShowDefault(const std::string& text) {
  option_->default_str(text);
  return *this;
}

Option Option::Group(const std::string& heading) {
  option_->group(heading);
  return *this;
}

Option Option::Form(const std::string& form) {
  option_->type_name(form);
  return *this;
}

Option Option::FromEnvironment() {
  std::string name = option_->get_lnames().front();
  absl::AsciiStrToUpper(&name);
  option_->envname("PINHOLE_" + absl::StrReplaceAll(name, {{"-", "_"}}));
  return *this;
}

Option Option::NotInFiles() {
  option_->configurable(false);
  return *this;
}

bool Option::IsGiven() const { return option_->count() > 0; }

}  // namespace pinhole
