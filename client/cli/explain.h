// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_CLI_EXPLAIN_H_
#define PINHOLE_CLIENT_CLI_EXPLAIN_H_

#include <string>

#include "absl/status/status.h"

namespace pinhole::cli {

// What the next step depends on.
struct Situation {
  std::string target = {};
  std::string handle = {};  // Whose session is stored, empty for none.
  bool signing_in = false;  // The failed call was the login itself.
};

// Lines that say what failed, which field broke which rule, and what to do
// next.
std::string Explain(const absl::Status& status, const Situation& situation);

}  // namespace pinhole::cli

#endif  // PINHOLE_CLIENT_CLI_EXPLAIN_H_
