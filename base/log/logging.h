// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>

#include "absl/time/time.h"
#include "base/log/log_level.h"
#include "base/log/log_sink.h"

namespace pinhole {

enum class LogFormat { kAuto, kText, kJson };

struct LogOptions {
  LogLevel level = LogLevel::kInfo;     // The threshold.
  LogFormat format = LogFormat::kAuto;  // Text on a terminal, else JSON.
  // Calls that take at least this long are logged as slow, at level warning.
  // If zero, no call is.
  absl::Duration slow = absl::Milliseconds(500);
};

// Starts logging to standard error.  Returns the sink, also for lines with
// fields.  Logging ends when the caller releases it.
std::shared_ptr<LogSink> StartLogging(const LogOptions& options);

}  // namespace pinhole
