// SPDX-License-Identifier: Apache-2.0

// Log messages of the process, formatted with fmt:
//
//   LogWarning("cannot read {}: {}", path, error);
//
// A message below the threshold is not formatted.  Thread-safe.

#pragma once

#include <memory>

#include "base/log/log_level.h"
#include "base/log/log_sink.h"
#include "fmt/format.h"

namespace pinhole {

// Sends messages of at least the level `threshold` to `sink` until the last
// owner of `sink` releases it.  Without a sink, messages are written to
// standard error directly, as text.
void SetLogSink(const std::shared_ptr<LogSink>& sink, LogLevel threshold);

// Whether messages of `level` are logged.
bool ShouldLog(LogLevel level);

// Formats and logs a message if messages of `level` are logged.
void LogFormatted(LogLevel level, fmt::string_view format,
                  fmt::format_args arguments);

template <typename... Args>
void LogInfo(fmt::format_string<Args...> format, Args&&... args) {
  LogFormatted(LogLevel::kInfo, format, fmt::make_format_args(args...));
}
template <typename... Args>
void LogWarning(fmt::format_string<Args...> format, Args&&... args) {
  LogFormatted(LogLevel::kWarning, format, fmt::make_format_args(args...));
}
template <typename... Args>
void LogError(fmt::format_string<Args...> format, Args&&... args) {
  LogFormatted(LogLevel::kError, format, fmt::make_format_args(args...));
}
template <typename... Args>
void LogCritical(fmt::format_string<Args...> format, Args&&... args) {
  LogFormatted(LogLevel::kCritical, format, fmt::make_format_args(args...));
}

}  // namespace pinhole
