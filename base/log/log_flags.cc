// SPDX-License-Identifier: Apache-2.0

#include "base/log/log_flags.h"

namespace pinhole {

LogFlags::LogFlags(CliCommand app) {
  app.AddChoice<LogLevel>("--log-level", options_.level,
                          {{"debug", LogLevel::kDebug},
                           {"info", LogLevel::kInfo},
                           {"warn", LogLevel::kWarning},
                           {"error", LogLevel::kError},
                           {"off", LogLevel::kOff}},
                          "Minimum level to log: calls are logged at info, "
                          "slow calls at warn, internal errors at error");
  app.AddChoice<LogFormat>(
      "--log-format", options_.format,
      {{"auto", LogFormat::kAuto},
       {"text", LogFormat::kText},
       {"json", LogFormat::kJson}},
      "Format of the log on standard error; auto is text on a terminal and "
      "json otherwise");
  app.Add("--log-slow-ms", slow_ms_,
          "Log calls that take at least this many milliseconds as slow, at "
          "level warn; 0 logs no call as slow")
      .Range(0, 3'600'000)
      .ShowDefault();
}

LogOptions LogFlags::Resolve() const {
  LogOptions options = options_;
  options.slow = absl::Milliseconds(slow_ms_);
  return options;
}

}  // namespace pinhole
