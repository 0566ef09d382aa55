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
  std::size_t ForEach(std::size_t count, const Work& work);

  // Called after each operation.
  void OnProgress(std::function<void()> progress);

  bool gave_up() const;

  // The different failures so far, at most ten.
  std::vector<std::string> failures() const;

 private:
  // Waits for this operation's turn.
  void AwaitTurn();
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
