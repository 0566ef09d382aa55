// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <map>
#include <optional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/async/executor.h"
#include "base/async/task.h"

namespace pinhole {

// An executor that a thread without an event loop runs while it waits for a
// task: for start-up, maintenance and tests.
//
//   BlockingExecutor loop;
//   absl::StatusOr<User> user = loop.Run(accounts.Register(...));
class BlockingExecutor final : public Executor {
 public:
  void Post(Work work) override {
    PostAfter(absl::ZeroDuration(), std::move(work));
  }
  void PostAfter(absl::Duration delay, Work work) override {
    absl::MutexLock lock(&mutex_);
    queue_.emplace(absl::Now() + delay, std::move(work));
  }

  // Runs the loop until `task` has finished, and returns its result.
  template <typename T>
  T Run(Task<T> task) {
    std::optional<T> result;
    auto collect = [](Task<T> task, std::optional<T>* result) -> Task<void> {
      result->emplace(co_await std::move(task));
    };
    Executor* const before = Executor::Current();
    SetCurrent(this);
    Spawn(collect(std::move(task), &result));
    while (!result) RunOne();
    SetCurrent(before);
    return *std::move(result);
  }

  // As above, for anything else that a coroutine can await.
  template <typename Awaitable>
  auto Run(Awaitable awaitable) {
    using T = decltype(awaitable.await_resume());
    return Run([](Awaitable waited) -> Task<T> {
      co_return co_await std::move(waited);
    }(std::move(awaitable)));
  }

  // Starts `task` without waiting for it; it continues during the next `Run`.
  void Start(Task<void> task) {
    Executor* const before = Executor::Current();
    SetCurrent(this);
    Spawn(std::move(task));
    SetCurrent(before);
  }

 private:
  void RunOne() {
    Work work;
    {
      const auto due = [this] {
        return !queue_.empty() && queue_.begin()->first <= absl::Now();
      };
      absl::MutexLock lock(&mutex_);
      // A timer can become due without a change of the queue, so poll.
      while (!mutex_.AwaitWithTimeout(absl::Condition(&due),
                                      absl::Milliseconds(1))) {
      }
      work = std::move(queue_.begin()->second);
      queue_.erase(queue_.begin());
    }
    work();
  }

  absl::Mutex mutex_;
  std::multimap<absl::Time, Work> queue_;
};

}  // namespace pinhole
