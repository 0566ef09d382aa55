// SPDX-License-Identifier: Apache-2.0

#include "base/log/log_sink.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/time/time.h"
#include "fmt/format.h"

namespace pinhole {
namespace {

// How long lines below warning are collected before they are written.
constexpr absl::Duration kBatchDelay = absl::Milliseconds(50);
// How long the destructor waits for a reader that does not read.
constexpr int kShutdownTimeoutMilliseconds = 1000;

// The largest write that does not block after poll() reports that `fd` is
// writable: PIPE_BUF for a pipe, unlimited for a file.
std::size_t MaxWrite(int fd) {
  struct stat status = {};
  const bool file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  return file ? std::numeric_limits<ssize_t>::max() : PIPE_BUF;
}

}  // namespace

LogSink::LogSink(Options options)
    : options_(options),
      max_write_(MaxWrite(options.fd)),
      thread_([this] { Run(); }) {}

LogSink::~LogSink() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void LogSink::Write(LogLevel level, std::string_view line) {
  ++lines_[static_cast<std::size_t>(level)];
  const absl::MutexLock lock(&mutex_);
  if (waiting_.size() + line.size() > options_.max_bytes) {
    ++dropped_;
    return;
  }
  waiting_.append(line);
  if (level >= LogLevel::kWarning) urgent_ = true;
}

void LogSink::Log(LogLevel level, std::string_view message) {
  LogLine line(options_.style, level, message);
  Write(level, line.Finish());
}

void LogSink::Flush() {
  const auto written = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return waiting_.empty() && !writing_;
  };
  const absl::MutexLock lock(&mutex_);
  urgent_ = true;
  mutex_.Await(absl::Condition(&written));
}

void LogSink::Run() {
  pthread_setname_np(pthread_self(), "log");
  const auto some = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !waiting_.empty() || stopping_;
  };
  const auto now = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return urgent_ || stopping_ || waiting_.size() > options_.max_bytes / 2;
  };
  std::string text;
  absl::MutexLock lock(&mutex_);
  while (true) {
    mutex_.Await(absl::Condition(&some));
    mutex_.AwaitWithTimeout(absl::Condition(&now), kBatchDelay);
    if (waiting_.empty() && stopping_) return;
    text.clear();
    text.swap(waiting_);
    if (dropped_ > 0) {
      LogLine line(options_.style, LogLevel::kWarning,
                   "log lines were dropped because the reader of the log is "
                   "too slow");
      line.Add("lines", std::exchange(dropped_, 0));
      text += line.Finish();
    }
    urgent_ = false;
    writing_ = true;
    mutex_.Unlock();
    WriteAll(text);
    mutex_.Lock();
    writing_ = false;
  }
}

void LogSink::WriteAll(std::string_view text) {
  while (!text.empty()) {
    if (!AwaitRoom()) return;
    const ssize_t wrote =
        write(options_.fd, text.data(), std::min(text.size(), max_write_));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return;  // The error cannot be logged.
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

// Returns false if the sink is being destroyed and the reader does not read.
bool LogSink::AwaitRoom() {
  pollfd room = {.fd = options_.fd, .events = POLLOUT, .revents = 0};
  while (poll(&room, 1, kShutdownTimeoutMilliseconds) == 0) {
    const absl::MutexLock lock(&mutex_);
    if (stopping_) return false;
  }
  return true;
}

}  // namespace pinhole
