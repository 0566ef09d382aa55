// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace pinhole::gateway {

// Delays operations until an event.  Thread-safe.
class Gate {
 public:
  // Runs `operation` now if the gate is open, else when it opens.
  void Pass(absl::AnyInvocable<void()> operation);
  void Open();

 private:
  absl::Mutex mutex_;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<absl::AnyInvocable<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::gateway
