// SPDX-License-Identifier: Apache-2.0

// Executors: who runs coroutines, and how a coroutine waits for the outside.
//
// An executor is one thread with a queue.  A coroutine that waits for another
// thread (writer, pool) is resumed on the executor it waited on, so handlers
// never need locks against themselves.

#ifndef PINHOLE_BASE_ASYNC_EXECUTOR_H_
#define PINHOLE_BASE_ASYNC_EXECUTOR_H_

#include <coroutine>
#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "base/call_timing.h"

namespace pinhole {

// A queue of work that one thread runs.  Abstract because there are several:
// the server's completion-queue loops and the plain loop of the tests.
// Thread-safe.
class Executor {
 public:
  using Work = absl::AnyInvocable<void()>;

  virtual ~Executor() = default;

  // Runs `work` on the executor's thread, in the order of the calls, never
  // inside this call.
  virtual void Post(Work work) = 0;

  // As `Post`, but not before `delay` has passed.
  virtual void PostAfter(absl::Duration delay, Work work) = 0;

  // The executor whose thread this is, or null.
  static Executor* Current() { return current_; }

 protected:
  // For implementations: say which executor the calling thread runs.
  static void SetCurrent(Executor* executor) { current_ = executor; }

 private:
  static inline thread_local Executor* current_ = nullptr;
};

// Awaitable over a callback.  `start` is called with a `done` that must be
// called exactly once, on any thread, with the result; the coroutine then goes
// on, on the executor it waited on (which must exist and outlive the wait):
//
//   int n = co_await FromCallback<int>([&](auto done) { Count(done); });
//
// `done` is movable only.  A part of a call (parts.h) that `start` or the work
// enters ends with `done`.
template <typename T, typename Start>
class FromCallbackAwaiter {
 public:
  explicit FromCallbackAwaiter(Start start) : start_(std::move(start)) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    Executor* executor = Executor::Current();
    parts_ = CallTiming::Current();
    const CallPhase before =
        parts_ == nullptr ? CallPhase::kRest : parts_->part();
    // After `start_` returns this object may be gone: `done` may already have
    // been called and the coroutine resumed elsewhere only if the executor ran
    // it, which needs this thread; so `this` stays valid until we return.
    start_(absl::AnyInvocable<void(T)>(
        [this, executor, waiting, before](T result) {
          result_.emplace(std::move(result));
          if (parts_ != nullptr && parts_->part() != before) {
            parts_->Enter(before);
          }
          executor->Post([waiting] { waiting.resume(); });
        }));
    CallTiming::SetCurrent(nullptr);
  }
  T await_resume() {
    CallTiming::SetCurrent(parts_);
    return std::move(*result_);
  }

 private:
  Start start_;
  CallTiming* parts_ = nullptr;
  std::optional<T> result_;
};

template <typename T, typename Start>
FromCallbackAwaiter<T, Start> FromCallback(Start start) {
  return FromCallbackAwaiter<T, Start>(std::move(start));
}

// Awaitable: lets `delay` pass.
inline auto SleepFor(absl::Duration delay) {
  struct Awaiter {
    absl::Duration delay;
    CallTiming* parts = CallTiming::Current();
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) const {
      Executor::Current()->PostAfter(delay, [waiting] { waiting.resume(); });
      CallTiming::SetCurrent(nullptr);
    }
    void await_resume() const noexcept { CallTiming::SetCurrent(parts); }
  };
  return Awaiter{delay};
}

}  // namespace pinhole

#endif  // PINHOLE_BASE_ASYNC_EXECUTOR_H_
