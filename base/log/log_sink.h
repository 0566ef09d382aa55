// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_LOG_LOG_SINK_H_
#define PINHOLE_BASE_LOG_LOG_SINK_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/log/log_line.h"
#include "spdlog/sinks/base_sink.h"

namespace pinhole {

// Writes log lines to a file descriptor on a thread of its own, many at once: a
// system call for each line would cost as much as a small call to the server,
// and a reader that stalls would stall the server.  Lines that find the buffer
// full are dropped, and their number is told.  What is in the buffer is written
// before the sink goes, unless nobody reads it.  Thread-safe.
//
// Messages come by spdlog's loggers, lines with fields by `Write`.
class LogSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  struct Options {
    LogStyle style = LogStyle::kText;
    int fd = 2;                       // Not closed.
    std::size_t max_bytes = 4 << 20;  // Waiting to be written.
  };

  explicit LogSink(Options options);
  ~LogSink() override;

  LogStyle style() const { return options_.style; }

  // `line` is whole (`LogLine::Finish`) and of this sink's style.  Whether its
  // level is to be logged is the caller's to ask, as of a logger.
  void Write(spdlog::level::level_enum level, std::string_view line);

  // How many lines of a level there have been, dropped ones included.
  std::int64_t lines(spdlog::level::level_enum level) const {
    return lines_[static_cast<std::size_t>(level)];
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  // Waits until what was logged is written.
  void flush_() override;

 private:
  void Run();
  void WriteAll(std::string_view text);
  bool AwaitRoom();

  const Options options_;
  const std::size_t most_at_once_;
  std::array<std::atomic<std::int64_t>, spdlog::level::n_levels> lines_ = {};
  absl::Mutex mutex_;
  std::string waiting_ ABSL_GUARDED_BY(mutex_);
  std::int64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  bool urgent_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // Last: uses the others.
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_LOG_LOG_SINK_H_
