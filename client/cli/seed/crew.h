// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_CLI_SEED_CREW_H_
#define PINHOLE_CLIENT_CLI_SEED_CREW_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace pinhole::cli::seed {

// Does many operations on a few threads, no faster than a rate, and remembers
// what failed.  Gives up when everything fails.  Thread-safe but for `ForEach`,
// which one thread calls at a time.
class Crew {
 public:
  // `rate` is in operations a second, 0 for as many as possible.
  Crew(int threads, double rate);

  // Calls `work` with 0 up to, but not including, `count` in about that order,
  // and returns how many failed or were not tried.
  using Work = std::function<absl::Status(std::size_t index)>;
  std::size_t ForEach(std::size_t count, const Work& work) {
    return ForEach(count, work, {.threads = threads_});
  }
  // How work goes that is not like the rest.
  struct Pace {
    int threads = 1;
    std::size_t operations = 1;  // Each piece is as many.
  };
  std::size_t ForEach(std::size_t count, const Work& work, const Pace& pace);

  // Counts operations that need not be done.
  void Skip(std::size_t operations);

  // How many operations a second may begin, at most `most`, at least one.
  std::size_t PerSecond(std::size_t most) const;

  // Called after each operation.
  void OnProgress(std::function<void()> progress);

  bool gave_up() const;

  // The different failures so far, at most ten.
  std::vector<std::string> failures() const;

 private:
  // Waits for the turn of these operations.
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

#endif  // PINHOLE_CLIENT_CLI_SEED_CREW_H_
