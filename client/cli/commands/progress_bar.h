// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "client/cli/commands/context.h"

namespace pinhole::cli {

// A progress bar on standard error, drawn at most ten times a second and
// removed by the destructor.  Draws nothing if standard error is not a terminal
// or
// --quiet is set.  Thread-safe.
class ProgressBar {
 public:
  // `context` must outlive this object.
  ProgressBar(const Context& context, std::string label);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // If `total` is 0, it is unknown, and only `done` is shown.
  void Update(std::int64_t done, std::int64_t total);

 private:
  std::ostream& out_;
  const bool shown_;
  const std::string label_;
  absl::Mutex mutex_;
  absl::Time drawn_time_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace pinhole::cli
