// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/options/cli_command.h"

namespace pinhole {

// --clear-text-on-network: allows listeners without TLS on addresses that other
// machines can reach.  Must outlive the parsing.
class ClearTextFlag {
 public:
  explicit ClearTextFlag(CliCommand app);

  // Checks whether `listen`, the value of `option`, is allowed without TLS.
  // `certificate` names the option that enables TLS for it.
  // Errors: INVALID_ARGUMENT with a message for the operator.
  absl::Status Check(std::string_view option, const std::string& listen,
                     std::string_view certificate) const;

 private:
  bool on_network_ = false;
};

}  // namespace pinhole
