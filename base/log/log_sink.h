// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/log/log_level.h"
#include "base/log/log_line.h"

namespace pinhole {

// Writes log lines to a file descriptor in batches, on its own thread: a system
// call for each line would cost as much as a small call of the server, and a
// slow reader would block the server.  Lines are dropped if the buffer is full;
// a later line reports how many.  The destructor writes the buffered lines,
// unless the reader does not read them.  Thread-safe.
class LogSink final {
 public:
  struct Options {
    LogStyle style = LogStyle::kText;
    int fd = 2;                       // Is not closed.
    std::size_t max_bytes = 4 << 20;  // Maximum size of the buffer.
  };

  explicit LogSink(Options options);
  ~LogSink();
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;

  LogStyle style() const { return options_.style; }

  // Logs a line without fields.  Does not filter by level.
  void Log(LogLevel level, std::string_view message);

  // Logs `line`, a finished LogLine of this sink's style.  Does not filter by
  // level.
  void Write(LogLevel level, std::string_view line);

  // Waits until all lines logged before have been written.
  void Flush();

  // Number of lines of `level` logged so far, including dropped lines.
  std::int64_t lines(LogLevel level) const {
    return lines_[static_cast<std::size_t>(level)];
  }

 private:
  void Run();
  void WriteAll(std::string_view text);
  bool AwaitRoom();

  const Options options_;
  const std::size_t max_write_;
  std::array<std::atomic<std::int64_t>, kLogLevelNames.size()> lines_ = {};
  absl::Mutex mutex_;
  std::string waiting_ ABSL_GUARDED_BY(mutex_);
  std::int64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  bool urgent_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // Last, since it uses the other members.
};

}  // namespace pinhole
