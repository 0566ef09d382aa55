// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/async/executor.h"
#include "base/async/task.h"
#include "base/call_timing.h"
#include "base/errors.h"

namespace pinhole {

// A fixed number of threads with a bounded queue, for work that would block an
// event loop: password hashing, image decoding, file reads, long queries.
//
// Each piece of work belongs to a share, for example an account.  Threads serve
// the shares in round-robin order, and each share in FIFO order, so that no
// share waits for all the work of another.  Thread-safe.
class ThreadPool {
 public:
  struct Options {
    std::string name;            // Thread name, at most 15 bytes.
    std::size_t threads = 1;     // If 0, `Submit` runs the work itself.
    std::size_t max_queue = 64;  // More waiting work is refused.
    // Maximum number of threads that work for one share at a time, or 0 for
    // all. With one less than `threads`, no share can block the others.
    std::size_t max_threads_per_share = 0;
    // Phases of a call while it waits for a thread and while a thread works.
    CallPhase waiting = CallPhase::kRest;
    CallPhase working = CallPhase::kRest;
  };

  explicit ThreadPool(Options options);
  // Finishes all accepted work, then joins the threads.
  ~ThreadPool();

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Queues `work`.  Returns false, without running it, if the queue is full.
  bool Submit(absl::AnyInvocable<void()> work, std::int64_t share = 0);

  // Number of pieces of work that were accepted and have not begun.
  std::size_t queued() const;

  // Estimated wait before work submitted now begins, based on the duration of
  // recent work.
  absl::Duration ExpectedWait() const;

  CallPhase waiting() const { return options_.waiting; }
  CallPhase working() const { return options_.working; }

 private:
  struct Share {
    std::deque<absl::AnyInvocable<void()>> waiting;
    std::size_t running = 0;
  };
  using Turn = std::deque<std::int64_t>::const_iterator;

  void Run();
  // The next share to serve, or the end if no waiting share may use another
  // thread.
  Turn NextTurn() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  absl::AnyInvocable<void()> Take(Turn turn)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Finish(std::int64_t share, absl::Duration took)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  mutable absl::Mutex mutex_;
  // Shares that have waiting or running work.
  std::map<std::int64_t, Share> shares_ ABSL_GUARDED_BY(mutex_);
  // Shares that have waiting work, in the order of service.
  std::deque<std::int64_t> turns_ ABSL_GUARDED_BY(mutex_);
  std::size_t queued_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration usual_time_ ABSL_GUARDED_BY(mutex_);  // Moving average.
  std::vector<std::thread> threads_;
};

// Runs `work`, which returns `absl::StatusOr<T>` and belongs to `share`, on
// `pool`, and returns its result to the awaiting coroutine.  Errors: those of
// `work`; RESOURCE_EXHAUSTED with a retry delay if the pool's queue is full.
template <typename Work, typename Result = std::invoke_result_t<Work>>
Task<Result> RunOn(ThreadPool& pool, Work work, std::int64_t share = 0) {
  auto start = [&pool, &work, share](absl::AnyInvocable<void(Result)> done) {
    auto shared = std::make_shared<absl::AnyInvocable<void(Result)>>(
        std::move(done));  // Used by the queued work or by the refusal below.
    CallTiming* const timing = CallTiming::Current();
    if (timing != nullptr) timing->Enter(pool.waiting());
    auto run = [shared, &work, &pool, timing] {
      const auto measured = [&]() -> Result {
        const ScopedCallTiming call(timing);
        if (timing != nullptr) timing->Enter(pool.working());
        return work();
      };
      (*shared)(measured());
    };
    if (!pool.Submit(std::move(run), share)) {
      (*shared)(
          WithRetryDelay(MakeError(Reason::kOverloaded,
                                   "the server is overloaded; retry later"),
                         absl::Seconds(1)));
    }
  };
  co_return co_await FromCallback<Result>(std::move(start));
}

}  // namespace pinhole
