// SPDX-License-Identifier: Apache-2.0

#include "server/app/log_sink.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include <utility>

#include "absl/time/time.h"
#include "fmt/format.h"

namespace pinhole::app {
namespace {

// How long an ordinary line waits for company.
constexpr absl::Duration kGather = absl::Milliseconds(50);

}  // namespace

LogSink::LogSink(Options options)
    : options_(options), thread_([this] { Run(); }) {}

LogSink::~LogSink() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void LogSink::sink_it_(const spdlog::details::log_msg& message) {
  ++lines_[static_cast<std::size_t>(message.level)];
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  const absl::MutexLock lock(&mutex_);
  if (waiting_.size() + line.size() > options_.max_bytes) {
    ++dropped_;
    return;
  }
  waiting_.append(line.data(), line.size());
  if (message.level >= spdlog::level::warn) urgent_ = true;
}

void LogSink::flush_() {
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
    mutex_.AwaitWithTimeout(absl::Condition(&now), kGather);
    if (waiting_.empty() && stopping_) return;
    text.clear();
    text.swap(waiting_);
    if (dropped_ > 0) {
      text += fmt::format("{} log lines were dropped: nobody reads them\n",
                          std::exchange(dropped_, 0));
    }
    urgent_ = false;
    writing_ = true;
    mutex_.Unlock();
    WriteAll(text);
    mutex_.Lock();
    writing_ = false;
  }
}

void LogSink::WriteAll(const std::string& text) const {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote =
        write(options_.fd, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return;  // Nobody to tell.
    done += static_cast<std::size_t>(wrote);
  }
}

}  // namespace pinhole::app
