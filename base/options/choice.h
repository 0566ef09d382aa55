// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_OPTIONS_CHOICE_H_
#define PINHOLE_BASE_OPTIONS_CHOICE_H_

#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "fmt/format.h"

namespace pinhole {

// For `transform`: an option that is one of a few words, each of which stands
// for a value.  CLI11's own tells the numbers of an enum to who mistypes one.
template <typename Value>
CLI::Validator Choice(std::vector<std::pair<std::string, Value>> words) {
  std::string names;
  for (const auto& [word, value] : words) {
    names += (names.empty() ? "" : "|") + word;
  }
  const auto check = [words = std::move(words), names](std::string& written) {
    for (const auto& [word, value] : words) {
      if (word != written) continue;
      written = std::to_string(static_cast<int>(value));
      return std::string();
    }
    return fmt::format("'{}' is none of {}", written, names);
  };
  return CLI::Validator(check, names);
}

}  // namespace pinhole

#endif  // PINHOLE_BASE_OPTIONS_CHOICE_H_
