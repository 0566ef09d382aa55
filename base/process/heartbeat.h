// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_PROCESS_HEARTBEAT_H_
#define PINHOLE_BASE_PROCESS_HEARTBEAT_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace pinhole {

// Proves that a process is alive: posts a piece of work to each of its loops,
// beats once all of them have run it, and begins again after `interval`.  One
// loop that is stuck ends the beating.
class Heartbeat {
 public:
  // Has a loop run `work` on its thread, never inside the call.
  using Post = std::function<void(std::function<void()> work)>;

  // `beat` is called on a thread of this object's.
  Heartbeat(std::vector<Post> loops, absl::Duration interval,
            std::function<void()> beat);
  // Does not wait for the loops, which must not end before.
  ~Heartbeat();

  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

 private:
  // Shared with what a loop has not run yet.
  struct Round {
    absl::Mutex mutex;
    std::size_t missing ABSL_GUARDED_BY(mutex) = 0;
    bool stopped ABSL_GUARDED_BY(mutex) = false;
  };

  void Run();
  // Whether all loops have answered; false: stopped.
  bool AskLoops();

  const std::vector<Post> loops_;
  const absl::Duration interval_;
  const std::function<void()> beat_;
  const std::shared_ptr<Round> round_ = std::make_shared<Round>();
  std::thread thread_;  // Last: it uses all the others.
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_PROCESS_HEARTBEAT_H_
