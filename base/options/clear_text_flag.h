// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_OPTIONS_CLEAR_TEXT_FLAG_H_
#define PINHOLE_BASE_OPTIONS_CLEAR_TEXT_FLAG_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/options/cli_command.h"

namespace pinhole {

// --clear-text-on-network: whether what is not encrypted may be served to other
// machines.  Outlives the parsing.
class ClearTextFlag {
 public:
  explicit ClearTextFlag(CliCommand app);

  // Whether `listen`, an address of the option `option` without TLS, may be
  // listened on.  `certificate` is the option that would give it TLS.
  // Errors: INVALID_ARGUMENT, in words for the operator.
  absl::Status Check(std::string_view option, const std::string& listen,
                     std::string_view certificate) const;

 private:
  bool on_network_ = false;
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_OPTIONS_CLEAR_TEXT_FLAG_H_
