// SPDX-License-Identifier: Apache-2.0

#include "base/log/log.h"

#include <atomic>
#include <iostream>
#include <string>

#include "absl/base/attributes.h"
#include "absl/synchronization/mutex.h"
#include "base/log/log_line.h"

namespace pinhole {
namespace {

std::atomic<LogLevel> process_threshold = LogLevel::kInfo;
ABSL_CONST_INIT absl::Mutex sink_mutex(absl::kConstInit);

// Never destroyed, since threads can log until the process ends.
std::weak_ptr<LogSink>& ProcessSink()
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(sink_mutex) {
  static auto* const sink = new std::weak_ptr<LogSink>();
  return *sink;
}

std::shared_ptr<LogSink> GetLogSink() {
  const absl::MutexLock lock(&sink_mutex);
  return ProcessSink().lock();
}

}  // namespace

void SetLogSink(const std::shared_ptr<LogSink>& sink, LogLevel threshold) {
  const absl::MutexLock lock(&sink_mutex);
  ProcessSink() = sink;
  process_threshold = threshold;
}

bool ShouldLog(LogLevel level) { return level >= process_threshold; }

void LogFormatted(LogLevel level, fmt::string_view format,
                  fmt::format_args arguments) {
  if (!ShouldLog(level)) return;
  const std::string message = fmt::vformat(format, arguments);
  if (const std::shared_ptr<LogSink> sink = GetLogSink()) {
    sink->Log(level, message);
  } else {
    std::cerr << LogLine(LogStyle::kText, level, message).Finish();
  }
}

}  // namespace pinhole
