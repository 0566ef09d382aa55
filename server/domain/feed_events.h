// SPDX-License-Identifier: Apache-2.0

// Feed events: the signal that a photo was published, inside this process.
//
// It only says "look again": the store is the truth, so a signal that is lost
// (another process published) costs a delay, and one too many costs a query.

#ifndef PINHOLE_SERVER_DOMAIN_FEED_EVENTS_H_
#define PINHOLE_SERVER_DOMAIN_FEED_EVENTS_H_

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
  // One who waits for signals; remembers those given since its last wait.  Used
  // by one coroutine at a time; may outlive the events.
  class Watcher {
   public:
    // Waits on the calling executor until a signal was given since the last
    // wait ended (or since `Watch`), `timeout` has passed or `stop` is
    // requested.  One watcher's waits all have the same `timeout`.
    Task<void> Wait(absl::Duration timeout, std::stop_token stop);

   private:
    friend class FeedEvents;
    struct State;
    explicit Watcher(std::shared_ptr<State> state);

    // Owned with the timer under way, which may fire after the watcher is gone.
    std::shared_ptr<State> state_;
  };

  FeedEvents() = default;
  FeedEvents(const FeedEvents&) = delete;
  FeedEvents& operator=(const FeedEvents&) = delete;

  // Somebody published a photo: wakes the watchers.  Call it once the photo can
  // be read from the store.
  void PhotoPublished();

  Watcher Watch();

 private:
  absl::Mutex mutex_;
  std::vector<std::weak_ptr<Watcher::State>> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_FEED_EVENTS_H_
