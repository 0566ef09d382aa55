// SPDX-License-Identifier: Apache-2.0

#include "base/log/log_sink.h"

#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class LogSinkTest : public ::testing::Test {
 protected:
  LogSinkTest() { EXPECT_EQ(pipe(pipe_.data()), 0); }
  ~LogSinkTest() override {
    Close();
    close(pipe_[0]);
  }

  void Open(std::size_t max_bytes = 1 << 20) {
    sink_ = std::make_shared<LogSink>(
        LogSink::Options{.fd = pipe_[1], .max_bytes = max_bytes});
  }
  // Ends the sink, then the pipe.
  void Close() {
    sink_.reset();
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
  std::shared_ptr<LogSink> sink_;
};

TEST_F(LogSinkTest, LinesComeInOrderAndAllBeforeTheEnd) {
  Open();
  sink_->Log(LogLevel::kInfo, "one");
  sink_->Log(LogLevel::kInfo, "two");
  Close();

  EXPECT_THAT(ReadAll(), MatchesRegex(".* info one\n.* info two\n"));
}

TEST_F(LogSinkTest, FlushWaitsUntilTheLinesAreWritten) {
  Open();
  sink_->Log(LogLevel::kInfo, "one");

  sink_->Flush();

  EXPECT_THAT(ReadSome(), EndsWith(" info one\n"));
}

TEST_F(LogSinkTest, ReaderThatStallsCostsLinesAndNotTime) {
  Open(/*max_bytes=*/8192);
  const std::string line(1000, 'x');
  // More than pipe and buffer hold together: were it to wait for the reader, it
  // would wait for ever.
  for (int i = 0; i < 1000; ++i) sink_->Log(LogLevel::kWarning, line);
  std::string all;
  std::thread reader([&] { all = ReadAll(); });
  Close();
  reader.join();

  EXPECT_THAT(all, HasSubstr(" warning " + line + "\n"));
  EXPECT_THAT(all, HasSubstr(" warning log lines were dropped"));
  EXPECT_LT(all.size(), 200'000u);
}

TEST_F(LogSinkTest, WholeLinesAreWrittenAsTheyAreAndCounted) {
  Open();
  sink_->Write(LogLevel::kInfo, "whole\n");
  sink_->Log(LogLevel::kInfo, "one");
  Close();

  EXPECT_THAT(ReadAll(), MatchesRegex("whole\n.* info one\n"));
}

TEST_F(LogSinkTest, LinesAreCountedByLevel) {
  Open();
  sink_->Log(LogLevel::kWarning, "one");
  sink_->Write(LogLevel::kWarning, "two\n");
  sink_->Log(LogLevel::kError, "three");

  EXPECT_EQ(sink_->lines(LogLevel::kWarning), 2);
  EXPECT_EQ(sink_->lines(LogLevel::kError), 1);
  EXPECT_EQ(sink_->lines(LogLevel::kInfo), 0);
}

// The end of a process must not wait for whoever reads its log.
TEST_F(LogSinkTest, EndDoesNotWaitForAReaderThatIsGone) {
  Open();
  const std::string line(1000, 'x');
  for (int i = 0; i < 200; ++i)
    sink_->Log(LogLevel::kInfo, line);  // The pipe holds 64 KiB.

  Close();  // Nobody reads: without a way out it would never return.

  EXPECT_THAT(ReadSome(), HasSubstr(line));
}

}  // namespace
}  // namespace pinhole
