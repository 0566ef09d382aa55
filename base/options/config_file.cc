// SPDX-License-Identifier: Apache-2.0

#include "base/options/config_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "fmt/format.h"
#include "toml++/toml.h"

namespace pinhole {
namespace {

// The value as on the command line, or nothing if its type is not supported.
std::optional<std::string> Text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) {
    return fmt::to_string(number->get());
  }
  if (const auto* number = node.as_floating_point()) {
    return fmt::to_string(number->get());
  }
  if (const auto* truth = node.as_boolean()) {
    return truth->get() ? "true" : "false";
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> Values(const toml::node& node) {
  std::vector<std::string> values;
  const toml::array* const list = node.as_array();
  if (list == nullptr) {
    auto value = Text(node);
    if (!value) return std::nullopt;
    values.push_back(*std::move(value));
    return values;
  }
  for (const toml::node& entry : *list) {
    auto value = Text(entry);
    if (!value) return std::nullopt;
    values.push_back(*std::move(value));
  }
  return values;
}

}  // namespace

absl::StatusOr<std::vector<ConfigLine>> ParseConfigFile(std::string_view text,
                                                        std::string_view name) {
  const auto wrong = [name](std::uint32_t line, std::string_view rule) {
    return absl::InvalidArgumentError(
        fmt::format("{}:{}: {}", name, line, rule));
  };
  toml::table settings;
  try {
    settings = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return wrong(error.source().begin.line,
                 fmt::format("{} (write KEY = VALUE, with text in quotes)",
                             error.description()));
  }
  std::vector<ConfigLine> lines;
  for (const auto& [key, value] : settings) {
    const std::uint32_t line = key.source().begin.line;
    if (value.is_table() || value.is_array_of_tables()) {
      return wrong(line, fmt::format("tables are not supported; remove [{}]",
                                     key.str()));
    }
    auto values = Values(value);
    if (!values) {
      return wrong(line, fmt::format("{} must be text in quotes, a number, "
                                     "true, false, or a list of these",
                                     key.str()));
    }
    lines.push_back({.number = static_cast<int>(line),
                     .key = std::string(key.str()),
                     .values = *std::move(values)});
  }
  std::sort(lines.begin(), lines.end(),
            [](const ConfigLine& a, const ConfigLine& b) {
              return a.number < b.number;
            });
  return lines;
}

absl::StatusOr<std::vector<ConfigLine>> ReadConfigFile(
    const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();  // An iterator would throw for a directory.
  // A directory can be opened, but not read.
  if (!file.is_open() || errno != 0) {
    return absl::InvalidArgumentError(
        fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  }
  return ParseConfigFile(text.str(), path);
}

std::string ConfigValue(const std::string& value) {
  std::int64_t whole = 0;
  double number = 0;
  if ((absl::SimpleAtoi(value, &whole) && fmt::to_string(whole) == value) ||
      (value.find('.') != value.npos && absl::SimpleAtod(value, &number) &&
       fmt::to_string(number) == value)) {
    return value;
  }
  std::ostringstream quoted;
  quoted << toml::toml_formatter(toml::value<std::string>(value),
                                 toml::format_flags::none);
  return quoted.str();
}

}  // namespace pinhole
