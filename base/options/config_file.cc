// SPDX-License-Identifier: Apache-2.0

#include "base/options/config_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "fmt/format.h"

namespace pinhole {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// Reads the value of one line from left to right.
class ValueReader {
 public:
  explicit ValueReader(std::string_view text) : rest_(Trim(text)) {}

  absl::StatusOr<std::vector<std::string>> Read() {
    std::vector<std::string> values;
    if (Take('[')) {
      while (!Take(']')) {
        auto value = ReadOne(/*in_list=*/true);
        if (!value.ok()) return value.status();
        values.push_back(*std::move(value));
        if (!Take(',') && (rest_.empty() || rest_.front() != ']')) {
          return absl::InvalidArgumentError(
              "a list is [VALUE, VALUE] in one line");
        }
      }
    } else {
      auto value = ReadOne(/*in_list=*/false);
      if (!value.ok()) return value.status();
      values.push_back(*std::move(value));
    }
    if (!rest_.empty() && rest_.front() != '#') {
      return absl::InvalidArgumentError(
          fmt::format("'{}' is after the value", rest_));
    }
    return values;
  }

 private:
  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_ = Trim(rest_.substr(1));
    return true;
  }

  absl::StatusOr<std::string> ReadOne(bool in_list) {
    if (!rest_.empty() && rest_.front() == '"') return ReadQuoted();
    if (!rest_.empty() && rest_.front() == '\'') return ReadLiteral();
    return ReadBare(in_list);
  }

  absl::StatusOr<std::string> ReadQuoted() {
    std::string value;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_ = Trim(rest_.substr(i + 1));
        return value;
      }
      if (rest_[i] != '\\') {
        value += rest_[i];
        continue;
      }
      static constexpr std::string_view kEscapes = R"("\nt)";
      static constexpr std::string_view kMeant = "\"\\\n\t";
      const std::size_t which =
          ++i < rest_.size() ? kEscapes.find(rest_[i]) : kEscapes.npos;
      if (which == kEscapes.npos) {
        return absl::InvalidArgumentError(
            R"(after \ only ", \, n and t may stand; '...' has no escapes)");
      }
      value += kMeant[which];
    }
    return absl::InvalidArgumentError("the closing \" is missing");
  }

  absl::StatusOr<std::string> ReadLiteral() {
    const std::size_t end = rest_.find('\'', 1);
    if (end == std::string_view::npos) {
      return absl::InvalidArgumentError("the closing ' is missing");
    }
    std::string value(rest_.substr(1, end - 1));
    rest_ = Trim(rest_.substr(end + 1));
    return value;
  }

  // A # begins a comment only after a blank, so that it may be in a value.
  absl::StatusOr<std::string> ReadBare(bool in_list) {
    std::size_t end = 0;
    while (end < rest_.size()) {
      const char c = rest_[end];
      if (in_list && (c == ',' || c == ']')) break;
      if (c == '#' &&
          (end == 0 || kBlank.find(rest_[end - 1]) != kBlank.npos)) {
        break;
      }
      ++end;
    }
    const std::string value(Trim(rest_.substr(0, end)));
    rest_ = Trim(rest_.substr(end));
    if (value.empty())
      return absl::InvalidArgumentError("the value is missing");
    return value;
  }

  std::string_view rest_;
};

absl::StatusOr<ConfigLine> ParseLine(std::string_view line) {
  if (line.front() == '[') {
    return absl::InvalidArgumentError(
        fmt::format("there are no sections: leave {} out", line));
  }
  const std::size_t equals = line.find('=');
  ConfigLine parsed;
  parsed.key = Trim(line.substr(0, equals));
  if (equals == std::string_view::npos || parsed.key.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' is not KEY = VALUE", line));
  }
  auto values = ValueReader(line.substr(equals + 1)).Read();
  if (!values.ok()) {
    return absl::InvalidArgumentError(fmt::format(
        "{}: {}", parsed.key, std::string(values.status().message())));
  }
  parsed.values = *std::move(values);
  return parsed;
}

}  // namespace

absl::StatusOr<std::vector<ConfigLine>> ParseConfigFile(std::string_view text,
                                                        std::string_view name) {
  std::vector<ConfigLine> lines;
  std::map<std::string, int> seen;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = Trim(text.substr(0, end));
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
    if (line.empty() || line.front() == '#') continue;
    const auto wrong = [&](std::string_view rule) {
      return absl::InvalidArgumentError(
          fmt::format("{}:{}: {}", name, number, rule));
    };
    auto parsed = ParseLine(line);
    if (!parsed.ok()) return wrong(std::string(parsed.status().message()));
    parsed->number = number;
    const auto [first, added] = seen.emplace(parsed->key, number);
    if (!added) {
      return wrong(fmt::format("{} is set in line {} already", parsed->key,
                               first->second));
    }
    lines.push_back(*std::move(parsed));
  }
  return lines;
}

absl::StatusOr<std::vector<ConfigLine>> ReadConfigFile(
    const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();  // Where an iterator throws for a folder.
  // A folder can be opened, but not read.
  if (!file.is_open() || errno != 0) {
    return absl::InvalidArgumentError(
        fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
  }
  return ParseConfigFile(text.str(), path);
}

std::string ConfigValue(const std::string& value) {
  double number = 0;
  if (value.find_first_not_of("-.0123456789") == value.npos &&
      absl::SimpleAtod(value, &number)) {
    return value;
  }
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace pinhole
