// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_LOG_LOGGING_H_
#define PINHOLE_BASE_LOG_LOGGING_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "base/log/log_sink.h"

namespace pinhole {

enum class LogFormat { kAuto, kText, kJson };

struct LogOptions {
  std::string level = "info";           // As spdlog spells them.
  LogFormat format = LogFormat::kAuto;  // Auto: text on a terminal.
  // What takes longer is told of as a warning; zero: nothing is.
  absl::Duration slow = absl::Milliseconds(500);
};

// Sets spdlog's default logger up: one line a message on standard error.
// Returns what writes them, for lines with fields.
std::shared_ptr<LogSink> StartLogging(const LogOptions& options);

}  // namespace pinhole

#endif  // PINHOLE_BASE_LOG_LOGGING_H_
