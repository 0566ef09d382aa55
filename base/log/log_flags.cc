// SPDX-License-Identifier: Apache-2.0

#include "base/log/log_flags.h"

namespace pinhole {

LogFlags::LogFlags(CliCommand app) {
  app.Add("--log-level", options_.level,
          "Least level to log. A call makes a line of level info, a "
          "slow one warn, one that failed by our fault error")
      .OneOf({"debug", "info", "warn", "error", "off"})
      .ShowDefault();
  app.AddChoice<LogFormat>(
      "--log-format", options_.format,
      {{"auto", LogFormat::kAuto},
       {"text", LogFormat::kText},
       {"json", LogFormat::kJson}},
      "Log lines on standard error: auto is text on a terminal and "
      "json elsewhere");
  app.Add("--log-slow-ms", slow_ms_,
          "What takes longer is logged as slow, as a warning; 0: "
          "nothing is")
      .Range(0, 3'600'000)
      .ShowDefault();
}

LogOptions LogFlags::Resolve() const {
  LogOptions options = options_;
  options.slow = absl::Milliseconds(slow_ms_);
  return options;
}

}  // namespace pinhole
