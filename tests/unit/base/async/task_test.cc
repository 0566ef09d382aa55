// SPDX-License-Identifier: Apache-2.0

#include "base/async/task.h"

#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/async/executor.h"
#include "gtest/gtest.h"
#include "tests/support/test_loop.h"

namespace pinhole {
namespace {

Task<int> Answer() { co_return 42; }

Task<int> AnswerTwice() {
  const int first = co_await Answer();
  co_return first + co_await Answer();
}

Task<int> Throw() {
  throw std::runtime_error("no");
  co_return 0;
}

Task<bool> Catches() {
  try {
    co_await Throw();
  } catch (const std::runtime_error&) {
    co_return true;
  }
  co_return false;
}

TEST(TaskTest, ResultsPassThroughNestedTasks) {
  EXPECT_EQ(testing::TestLoop().Run(AnswerTwice()), 84);
}

TEST(TaskTest, ExceptionReachesTheAwaiter) {
  EXPECT_TRUE(testing::TestLoop().Run(Catches()));
}

TEST(TaskTest, StartsOnlyWhenAwaited) {
  bool started = false;
  const auto start = [](bool* started) -> Task<int> {
    *started = true;
    co_return 1;
  };

  { const Task<int> never_awaited = start(&started); }

  EXPECT_FALSE(started);
}

TEST(TaskTest, CallbackOnAnotherThreadResumesOnTheLoop) {
  std::thread other;
  const auto wait = [](std::thread* other) -> Task<std::thread::id> {
    auto start = [other](absl::AnyInvocable<void(int)> done) {
      *other = std::thread([done = std::move(done)]() mutable { done(7); });
    };
    co_await FromCallback<int>(std::move(start));
    co_return std::this_thread::get_id();
  };

  const std::thread::id resumed_on = testing::TestLoop().Run(wait(&other));

  other.join();
  EXPECT_EQ(resumed_on, std::this_thread::get_id());
}

}  // namespace
}  // namespace pinhole
