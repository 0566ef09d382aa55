// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace pinhole::cli::seed {

// Does many operations on a few threads, at most at a given rate, and collects
// the failures.  Gives up after many failures in a row.  Thread-safe, except
// that `ForEach` must be called by one thread at a time.
class Crew {
 public:
  // `rate` is in operations a second; 0 means no limit.
  Crew(int threads, double rate);

  // Calls `work` with each number from 0 to `count` - 1, in about this order,
  // and returns how many calls failed or were not made.
  using Work = std::function<absl::Status(std::size_t index)>;
  std::size_t ForEach(std::size_t count, const Work& work) {
    return ForEach(count, work, {.threads = threads_});
  }
  // The threads for a piece of work, and how many operations each piece is.
  struct Pace {
    int threads = 1;
    std::size_t operations = 1;
  };
  std::size_t ForEach(std::size_t count, const Work& work, const Pace& pace);

  // Reports progress for operations that need not be done.
  void Skip(std::size_t operations);

  // How many operations may begin in a second, from 1 to `most`.
  std::size_t PerSecond(std::size_t most) const;

  // Sets the function that is called after each operation.
  void OnProgress(std::function<void()> progress);

  bool gave_up() const;

  // The distinct failures so far, at most ten.
  std::vector<std::string> failures() const;

 private:
  // Waits until `operations` may begin.
  void AwaitTurn(std::size_t operations);
  void Note(const absl::Status& status);

  const int threads_;
  const absl::Duration gap_;
  std::function<void()> progress_ = [] {};
  mutable absl::Mutex mutex_;
  absl::Time next_time_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int failed_in_a_row_ ABSL_GUARDED_BY(mutex_) = 0;
  bool gave_up_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::string> failures_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::cli::seed
