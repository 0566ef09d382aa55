// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "absl/status/status.h"

namespace pinhole::cli {

// The circumstances of a failure, for the suggested next step.
struct Situation {
  std::string target = {};
  std::string program = "pinhole";  // Begins suggested commands.
  std::string handle = {};          // User of the stored session, if any.
  bool signing_in = false;          // Whether the command was signing in.
};

// Formats an error for people: what failed, the invalid fields, and the next
// step.
std::string Explain(const absl::Status& status, const Situation& situation);

}  // namespace pinhole::cli
