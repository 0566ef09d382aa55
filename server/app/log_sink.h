// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_APP_LOG_SINK_H_
#define PINHOLE_SERVER_APP_LOG_SINK_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "spdlog/sinks/base_sink.h"

namespace pinhole::app {

// Writes log lines to a file descriptor on a thread of its own, many at once: a
// system call for each line would cost as much as a small call to the server,
// and a reader that stalls would stall the server.  Lines that find the buffer
// full are dropped, and their number is told.  What is in the buffer is written
// before the sink goes.
class LogSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  struct Options {
    int fd = 2;                       // Not closed.
    std::size_t max_bytes = 4 << 20;  // Waiting to be written.
  };

  explicit LogSink(Options options);
  ~LogSink() override;

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
  void WriteAll(const std::string& text) const;

  const Options options_;
  std::array<std::atomic<std::int64_t>, spdlog::level::n_levels> lines_ = {};
  absl::Mutex mutex_;
  std::string waiting_ ABSL_GUARDED_BY(mutex_);
  std::int64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  bool urgent_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // Last: uses the others.
};

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_LOG_SINK_H_
