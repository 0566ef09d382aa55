// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "base/log/logging.h"
#include "base/options/cli_command.h"

namespace pinhole {

// --log-level, --log-format and --log-slow-ms, shared by the gateway and the
// server.  Must outlive the parsing.
class LogFlags {
 public:
  explicit LogFlags(CliCommand app);

  LogOptions Resolve() const;

 private:
  LogOptions options_;
  int slow_ms_ = static_cast<int>(absl::ToInt64Milliseconds(options_.slow));
};

}  // namespace pinhole
