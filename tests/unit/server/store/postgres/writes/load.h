// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/store/postgres/postgres_writer.h"

namespace pinhole::postgres {

// Callers that each wait for the answer to a command before they send another.
// Commands are sent on the thread of `Run`.
class Load {
 public:
  using Answer = absl::StatusOr<CommandResult>;

  // `next(n)` makes the command number n; `answered(n, answer)` is called with
  // its answer, for one command at a time.
  Load(PostgresWriter& writer, std::function<Command(int n)> next,
       std::function<void(int n, const Answer& answer)> answered)
      : writer_(writer),
        next_(std::move(next)),
        answered_(std::move(answered)) {}

  // Sends commands until `over(n)` is true of the number of the next one, and
  // waits for all answers.
  void Run(int callers, const std::function<bool(int n)>& over) {
    int n = 0;
    while (!over(n)) {
      {
        const auto free = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
          return waiting_ < callers;
        };
        const absl::MutexLock lock(&mutex_, absl::Condition(&free));
        ++waiting_;
      }
      writer_.Submit(next_(n), {}, [this, n](const Answer& answer) {
        const absl::MutexLock lock(&mutex_);
        answered_(n, answer);
        --waiting_;
      });
      ++n;
    }
    const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return waiting_ == 0;
    };
    const absl::MutexLock lock(&mutex_, absl::Condition(&idle));
  }

 private:
  PostgresWriter& writer_;
  const std::function<Command(int n)> next_;
  const std::function<void(int n, const Answer& answer)> answered_;
  absl::Mutex mutex_;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace pinhole::postgres
