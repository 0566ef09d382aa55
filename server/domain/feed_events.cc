// SPDX-License-Identifier: Apache-2.0

#include "server/domain/feed_events.h"

#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/time/clock.h"
#include "base/async/executor.h"

namespace pinhole::domain {

using Done = absl::AnyInvocable<void(bool)>;

// Shared by the watcher and its timer.  There is at most one timer: a signal
// does not cancel it, so one per wait would pile up on a busy feed.
struct FeedEvents::Watcher::State : std::enable_shared_from_this<State> {
  absl::Mutex mutex;
  bool signalled ABSL_GUARDED_BY(mutex) = false;
  bool timer_armed ABSL_GUARDED_BY(mutex) = false;
  absl::Time due ABSL_GUARDED_BY(mutex);
  Done done ABSL_GUARDED_BY(mutex);  // Set during a wait.

  void Signal() {
    {
      absl::MutexLock lock(&mutex);
      signalled = true;
    }
    EndWait();
  }

  void EndWait() {
    Done ended;
    {
      absl::MutexLock lock(&mutex);
      ended = std::exchange(done, nullptr);
    }
    if (ended) ended(true);
  }

  // Starts a wait on the calling executor.
  void BeginWait(absl::Duration timeout, const std::stop_token& stop,
                 Done on_end) {
    {
      absl::MutexLock lock(&mutex);
      // A stop requested after this check finds `done` set.
      if (!signalled && !stop.stop_requested()) {
        done = std::move(on_end);
        due = absl::Now() + timeout;
        if (!std::exchange(timer_armed, true)) ArmTimer(timeout);
        return;
      }
    }
    on_end(true);
  }

  void ArmTimer(absl::Duration delay) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    Executor::Current()->PostAfter(
        delay, [state = shared_from_this()] { state->TimerFired(); });
  }

  void TimerFired() {
    {
      absl::MutexLock lock(&mutex);
      timer_armed = false;
      if (!done) return;
      const absl::Duration left = due - absl::Now();
      if (left > absl::ZeroDuration()) {
        timer_armed = true;
        ArmTimer(left);
        return;
      }
    }
    EndWait();
  }
};

FeedEvents::Watcher::Watcher(std::shared_ptr<State> state)
    : state_(std::move(state)) {}

Task<void> FeedEvents::Watcher::Wait(absl::Duration timeout,
                                     std::stop_token stop) {
  State& state = *state_;
  const std::stop_callback on_stop(stop, [&state] { state.EndWait(); });
  auto start = [&state, &stop, timeout](Done done) {
    state.BeginWait(timeout, stop, std::move(done));
  };
  co_await FromCallback<bool>(std::move(start));
  absl::MutexLock lock(&state.mutex);
  state.signalled = false;
}

void FeedEvents::PhotoPublished() {
  std::vector<std::shared_ptr<Watcher::State>> watching;
  {
    absl::MutexLock lock(&mutex_);
    std::erase_if(watchers_, [](const auto& state) { return state.expired(); });
    for (const auto& weak : watchers_) {
      if (auto state = weak.lock()) watching.push_back(std::move(state));
    }
  }
  for (const auto& state : watching) state->Signal();
}

FeedEvents::Watcher FeedEvents::Watch() {
  auto state = std::make_shared<Watcher::State>();
  absl::MutexLock lock(&mutex_);
  std::erase_if(watchers_, [](const auto& other) { return other.expired(); });
  watchers_.push_back(state);
  return Watcher(std::move(state));
}

}  // namespace pinhole::domain
