// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace pinhole {

// Shows that all event loops of a process respond: posts work to each of them,
// calls `beat` when all have run it, and repeats this after `interval`.  If a
// loop is stuck, `beat` is no longer called.
class Heartbeat {
 public:
  // Runs `work` on a loop's thread, never within the call.
  using Post = std::function<void(std::function<void()> work)>;

  // `beat` is called on a thread of this object.
  Heartbeat(std::vector<Post> loops, absl::Duration interval,
            std::function<void()> beat);
  // Does not wait for the loops.  They must outlive this object.
  ~Heartbeat();

  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

 private:
  // Shared with the work that loops have not run yet.
  struct Round {
    absl::Mutex mutex;
    std::size_t missing ABSL_GUARDED_BY(mutex) = 0;
    bool stopped ABSL_GUARDED_BY(mutex) = false;
  };

  void Run();
  // Waits until all loops have responded; returns false if stopped.
  bool AskLoops();

  const std::vector<Post> loops_;
  const absl::Duration interval_;
  const std::function<void()> beat_;
  const std::shared_ptr<Round> round_ = std::make_shared<Round>();
  std::thread thread_;  // Last, since it uses the other members.
};

}  // namespace pinhole
