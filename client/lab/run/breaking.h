// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "client/lab/core/search.h"
#include "client/lab/run/lab.h"

namespace pinhole::lab {

struct BreakingOptions {
  bool rates = true;  // The open-loop search.
  bool users = true;  // The closed-loop search.
  bool overload = true;
  double max_rate = 100'000;  // Bounds of the searches.
  int max_users = 512;
  // The options that set these bounds, for hints; empty if there are none.
  std::string max_rate_option = "--max";
  std::string max_users_option = "--max-users";
  double precision = 1.05;
  absl::Duration confirm = absl::Seconds(30);
};

// Looks for the highest rate and the most users that keep the service level,
// goes beyond, comes back, and adds what follows to the report: limits,
// overload, findings.  Ends early when the lab is stopped.
void Break(const BreakingOptions& options, Lab& lab);

}  // namespace pinhole::lab
