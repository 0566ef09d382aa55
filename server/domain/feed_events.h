// SPDX-License-Identifier: Apache-2.0

// Signals within this process that a photo was published.  A signal means only
// "read again"; the store decides what is new.  A missed signal (another
// process published) costs a delay, a superfluous one costs a query.

#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/async/task.h"

namespace pinhole::domain {

// Thread-safe.
class FeedEvents {
 public:
  // Waits for signals and remembers those sent since its last wait.  Used by
  // one coroutine at a time; may outlive the FeedEvents.
  class Watcher {
   public:
    // Waits on the calling executor until a signal has been sent since the last
    // wait ended (or since `Watch`), `timeout` has passed or `stop` is
    // requested. All waits of one watcher must have the same `timeout`.
    Task<void> Wait(absl::Duration timeout, std::stop_token stop);

   private:
    friend class FeedEvents;
    struct State;
    explicit Watcher(std::shared_ptr<State> state);

    // Shared with the pending timer, which may fire after the watcher is gone.
    std::shared_ptr<State> state_;
  };

  FeedEvents() = default;
  FeedEvents(const FeedEvents&) = delete;
  FeedEvents& operator=(const FeedEvents&) = delete;

  // Wakes the watchers.  Call it once the photo can be read from the store.
  void PhotoPublished();

  Watcher Watch();

 private:
  absl::Mutex mutex_;
  std::vector<std::weak_ptr<Watcher::State>> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::domain
