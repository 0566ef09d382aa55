// SPDX-License-Identifier: Apache-2.0

#include "base/log/log_flags.h"

#include "base/options/choice.h"

namespace pinhole {

LogFlags::LogFlags(CLI::App& app) {
  app.add_option("--log-level", options_.level,
                 "Least level to log. A call makes a line of level info, a "
                 "slow one warn, one that failed by our fault error")
      ->envname("PINHOLE_LOG_LEVEL")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  app.add_option("--log-format", options_.format,
                 "Log lines on standard error: auto is text on a terminal and "
                 "json elsewhere")
      ->envname("PINHOLE_LOG_FORMAT")
      ->transform(Choice<LogFormat>({{"auto", LogFormat::kAuto},
                                     {"text", LogFormat::kText},
                                     {"json", LogFormat::kJson}}))
      ->default_str("auto");
  app.add_option("--log-slow-ms", slow_ms_,
                 "What takes longer is logged as slow, as a warning; 0: "
                 "nothing is")
      ->envname("PINHOLE_LOG_SLOW_MS")
      ->check(CLI::Range(0, 3'600'000))
      ->capture_default_str();
}

LogOptions LogFlags::Resolve() const {
  LogOptions options = options_;
  options.slow = absl::Milliseconds(slow_ms_);
  return options;
}

}  // namespace pinhole
