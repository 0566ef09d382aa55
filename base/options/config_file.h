// SPDX-License-Identifier: Apache-2.0

// The configuration file: TOML (https://toml.io) without tables, so that each
// setting is a line.
//
//   http-listen = "0.0.0.0:443"
//   cors-origin = ["https://app.example", "https://www.example"]
//   http-max-connections = 20000
//   metrics-on-network = true

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pinhole {

struct ConfigLine {
  int number = 0;  // From 1.
  std::string key;
  std::vector<std::string> values;  // More or fewer than one for a list.
};

// Parses `text`.  `name` is the file's name in errors.  Errors:
// INVALID_ARGUMENT with the line and the rule; a repeated key is an error.
absl::StatusOr<std::vector<ConfigLine>> ParseConfigFile(std::string_view text,
                                                        std::string_view name);

// Reads and parses a file.  Errors: INVALID_ARGUMENT, also if the file cannot
// be read.
absl::StatusOr<std::vector<ConfigLine>> ReadConfigFile(const std::string& path);

// Formats `value` for a configuration file: in quotes unless it is a number.
std::string ConfigValue(const std::string& value);

}  // namespace pinhole
