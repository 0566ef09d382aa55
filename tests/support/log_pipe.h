// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <unistd.h>

#include <array>
#include <memory>
#include <string>

#include "base/log/log.h"
#include "base/log/log_sink.h"
#include "gtest/gtest.h"

namespace pinhole {

// Sends log messages of all levels to a pipe during its lifetime.
class LogPipe {
 public:
  LogPipe() {
    EXPECT_EQ(pipe(pipe_.data()), 0);
    sink_ = std::make_shared<LogSink>(LogSink::Options{.fd = pipe_[1]});
    SetLogSink(sink_, LogLevel::kDebug);
  }
  ~LogPipe() {
    SetLogSink(nullptr, LogLevel::kInfo);
    close(pipe_[0]);
    close(pipe_[1]);
  }
  LogPipe(const LogPipe&) = delete;
  LogPipe& operator=(const LogPipe&) = delete;

  const std::shared_ptr<LogSink>& sink() const { return sink_; }

  // Returns the lines logged since the last call; there must be some.
  std::string Read() {
    sink_->Flush();
    std::array<char, 65'536> bytes;
    const ssize_t got = read(pipe_[0], bytes.data(), bytes.size());
    return std::string(bytes.data(), static_cast<std::size_t>(got));
  }

 private:
  std::array<int, 2> pipe_ = {-1, -1};
  std::shared_ptr<LogSink> sink_;
};

}  // namespace pinhole
