// SPDX-License-Identifier: Apache-2.0

// Executors run coroutines and resume them after a wait.
//
// An executor is a thread with a queue.  A coroutine that waits for another
// thread is resumed on the executor that it ran on before, so the code of one
// call never runs concurrently and needs no locks.

#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "base/call_timing.h"

namespace pinhole {

// A queue of work that one thread runs.  Implemented by the server's event
// loops and by BlockingExecutor.  Thread-safe.
class Executor {
 public:
  using Work = absl::AnyInvocable<void()>;

  virtual ~Executor() = default;

  // Runs `work` on the executor's thread, in the order of the calls, and never
  // within this call.
  virtual void Post(Work work) = 0;

  // Like `Post`, but not before `delay` has passed.
  virtual void PostAfter(absl::Duration delay, Work work) = 0;

  // The executor that the calling thread runs, or null.
  static Executor* Current() { return current_; }

 protected:
  // Implementations call this on the thread that runs `executor`.
  static void SetCurrent(Executor* executor) { current_ = executor; }

 private:
  static inline thread_local Executor* current_ = nullptr;
};

// Awaits a callback.  `start` is called with a callable `done`, which must be
// called exactly once, on any thread, with the result.  The coroutine then
// resumes on its executor, which must exist and outlive the wait:
//
//   int n = co_await FromCallback<int>([&](auto done) { Count(done); });
//
// `done` is move-only.  If `start` or the work enters another phase of the call
// (CallTiming), calling `done` returns to the phase before.
template <typename T, typename Start>
class FromCallbackAwaiter {
 public:
  explicit FromCallbackAwaiter(Start start) : start_(std::move(start)) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    Executor* executor = Executor::Current();
    timing_ = CallTiming::Current();
    const CallPhase before =
        timing_ == nullptr ? CallPhase::kRest : timing_->phase();
    // `this` stays valid until this function returns, even if `done` is called
    // before: only the executor resumes the coroutine, and it runs on this
    // thread.
    start_(absl::AnyInvocable<void(T)>(
        [this, executor, waiting, before](T result) {
          result_.emplace(std::move(result));
          if (timing_ != nullptr && timing_->phase() != before) {
            timing_->Enter(before);
          }
          executor->Post([waiting] { waiting.resume(); });
        }));
    CallTiming::SetCurrent(nullptr);
  }
  T await_resume() {
    CallTiming::SetCurrent(timing_);
    return std::move(*result_);
  }

 private:
  Start start_;
  CallTiming* timing_ = nullptr;
  std::optional<T> result_;
};

template <typename T, typename Start>
FromCallbackAwaiter<T, Start> FromCallback(Start start) {
  return FromCallbackAwaiter<T, Start>(std::move(start));
}

// Awaits the end of `delay`.
inline auto SleepFor(absl::Duration delay) {
  struct Awaiter {
    absl::Duration delay;
    CallTiming* timing = CallTiming::Current();
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) const {
      Executor::Current()->PostAfter(delay, [waiting] { waiting.resume(); });
      CallTiming::SetCurrent(nullptr);
    }
    void await_resume() const noexcept { CallTiming::SetCurrent(timing); }
  };
  return Awaiter{delay};
}

}  // namespace pinhole
