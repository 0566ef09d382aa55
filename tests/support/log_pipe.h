// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_TESTS_SUPPORT_LOG_PIPE_H_
#define PINHOLE_TESTS_SUPPORT_LOG_PIPE_H_

#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "base/log/log_sink.h"
#include "gtest/gtest.h"
#include "spdlog/spdlog.h"

namespace pinhole {

// While it lives, what is logged, of whatever level, goes into a pipe.
class LogPipe {
 public:
  LogPipe() : before_(spdlog::default_logger()) {
    EXPECT_EQ(pipe(pipe_.data()), 0);
    sink_ = std::make_shared<LogSink>(LogSink::Options{.fd = pipe_[1]});
    auto logger = std::make_shared<spdlog::logger>("test", sink_);
    logger->set_level(spdlog::level::debug);
    spdlog::set_default_logger(std::move(logger));
  }
  ~LogPipe() {
    spdlog::set_default_logger(before_);
    close(pipe_[0]);
    close(pipe_[1]);
  }
  LogPipe(const LogPipe&) = delete;
  LogPipe& operator=(const LogPipe&) = delete;

  const std::shared_ptr<LogSink>& sink() const { return sink_; }

  // What was logged since the last time; there must be something.
  std::string Read() {
    spdlog::default_logger()->flush();
    std::array<char, 65'536> bytes;
    const ssize_t got = read(pipe_[0], bytes.data(), bytes.size());
    return std::string(bytes.data(), static_cast<std::size_t>(got));
  }

 private:
  const std::shared_ptr<spdlog::logger> before_;
  std::array<int, 2> pipe_ = {-1, -1};
  std::shared_ptr<LogSink> sink_;
};

}  // namespace pinhole

#endif  // PINHOLE_TESTS_SUPPORT_LOG_PIPE_H_
