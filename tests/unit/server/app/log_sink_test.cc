// SPDX-License-Identifier: Apache-2.0

#include "server/app/log_sink.h"

#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spdlog/logger.h"

namespace pinhole::app {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class LogSinkTest : public ::testing::Test {
 protected:
  LogSinkTest() { EXPECT_EQ(pipe(pipe_.data()), 0); }
  ~LogSinkTest() override {
    Close();
    close(pipe_[0]);
  }

  void Open(std::size_t max_bytes = 1 << 20) {
    logger_ = std::make_unique<spdlog::logger>(
        "test",
        std::make_shared<LogSink>(LogSink::Options{pipe_[1], max_bytes}));
    logger_->set_pattern("%v");
  }
  // Ends the sink, then the pipe.
  void Close() {
    logger_.reset();
    if (pipe_[1] >= 0) close(pipe_[1]);
    pipe_[1] = -1;
  }
  std::string ReadSome() {
    std::array<char, 4096> bytes;
    const ssize_t got = read(pipe_[0], bytes.data(), bytes.size());
    return std::string(bytes.data(),
                       got > 0 ? static_cast<std::size_t>(got) : 0);
  }
  std::string ReadAll() {
    std::string all;
    while (true) {
      const std::string some = ReadSome();
      if (some.empty()) return all;
      all += some;
    }
  }

  std::array<int, 2> pipe_ = {-1, -1};
  std::unique_ptr<spdlog::logger> logger_;
};

TEST_F(LogSinkTest, LinesComeInOrderAndAllBeforeTheEnd) {
  Open();
  logger_->info("one");
  logger_->info("two");
  Close();

  EXPECT_EQ(ReadAll(), "one\ntwo\n");
}

TEST_F(LogSinkTest, FlushWaitsUntilTheLinesAreWritten) {
  Open();
  logger_->info("one");

  logger_->flush();

  EXPECT_EQ(ReadSome(), "one\n");
}

TEST_F(LogSinkTest, ReaderThatStallsCostsLinesAndNotTime) {
  Open(/*max_bytes=*/8192);
  const std::string line(1000, 'x');
  // More than pipe and buffer hold together: were it to wait for the reader, it
  // would wait for ever.
  for (int i = 0; i < 1000; ++i) logger_->warn(line);
  std::string all;
  std::thread reader([&] { all = ReadAll(); });
  Close();
  reader.join();

  EXPECT_THAT(all, StartsWith(line + "\n"));
  EXPECT_THAT(all, HasSubstr(" log lines were dropped"));
  EXPECT_LT(all.size(), 200'000u);
}

}  // namespace
}  // namespace pinhole::app
