// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_CLI_PROGRESS_BAR_H_
#define PINHOLE_CLIENT_CLI_PROGRESS_BAR_H_

#include <cstdint>
#include <iosfwd>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "client/cli/context.h"

namespace pinhole::cli {

// A line on standard error that shows how far something is, drawn at most ten
// times a second and wiped at the end; nothing if standard error is no terminal
// or the person wants quiet.  Thread-safe.
class ProgressBar {
 public:
  // `context` must outlive this object.
  ProgressBar(const Context& context, std::string label);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `total` 0 means unknown: only `done` is shown.
  void Update(std::int64_t done, std::int64_t total);

 private:
  std::ostream& out_;
  const bool shown_;
  const std::string label_;
  absl::Mutex mutex_;
  absl::Time drawn_time_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace pinhole::cli

#endif  // PINHOLE_CLIENT_CLI_PROGRESS_BAR_H_
