// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_ASYNC_THREAD_POOL_H_
#define PINHOLE_BASE_ASYNC_THREAD_POOL_H_

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

// A fixed number of threads with a bounded queue, for work that would hold up a
// loop: password hashing, image decoding, file reads, long queries.
//
// Work belongs to a share, for example to an account.  Threads take work from
// the shares in turns, and within a share in the order in which it came, so
// that nobody's work waits for all of somebody else's.  Thread-safe.
class ThreadPool {
 public:
  struct Options {
    std::string name;            // Shown as the thread name; at most 15 bytes.
    std::size_t threads = 1;     // 0: work is done inside `Submit`.
    std::size_t max_queue = 64;  // Work waiting beyond it is refused.
    // Threads that work for one share at a time, at most; 0 for all of them.
    // One fewer than all means that no share can keep the others waiting.
    std::size_t max_threads_per_share = 0;
    // What a call does while it waits for a thread, and on it.
    CallPhase waiting = CallPhase::kRest;
    CallPhase working = CallPhase::kRest;
  };

  explicit ThreadPool(Options options);
  // Finishes what was accepted, then joins.
  ~ThreadPool();

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Whether `work` was accepted; false if the queue is full.
  bool Submit(absl::AnyInvocable<void()> work, std::int64_t share = 0);

  // Work accepted and not yet begun.
  std::size_t queued() const;

  // About how long work submitted now waits before it is begun, by what work
  // took lately.
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
  // Whose turn it is; the end if nobody waits who may have another thread.
  Turn NextTurn() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  absl::AnyInvocable<void()> Take(Turn turn)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Finish(std::int64_t share, absl::Duration took)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  mutable absl::Mutex mutex_;
  // Of those that have work, waiting or running.
  std::map<std::int64_t, Share> shares_ ABSL_GUARDED_BY(mutex_);
  // Those that have work waiting, the next one first.
  std::deque<std::int64_t> turns_ ABSL_GUARDED_BY(mutex_);
  std::size_t queued_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration usual_time_ ABSL_GUARDED_BY(mutex_);  // Of a piece of work.
  std::vector<std::thread> threads_;
};

// Runs `work` on `pool` and gives its result to the awaiting coroutine.
// `work` returns `absl::StatusOr<T>` and belongs to `share`.  Errors: those of
// `work`; RESOURCE_EXHAUSTED with a retry delay if the pool's queue is full.
template <typename Work, typename Result = std::invoke_result_t<Work>>
Task<Result> RunOn(ThreadPool& pool, Work work, std::int64_t share = 0) {
  auto start = [&pool, &work, share](absl::AnyInvocable<void(Result)> done) {
    auto shared = std::make_shared<absl::AnyInvocable<void(Result)>>(
        std::move(done));  // Owned by the queued work and by the refusal below.
    CallTiming* const parts = CallTiming::Current();
    if (parts != nullptr) parts->Enter(pool.waiting());
    auto run = [shared, &work, &pool, parts] {
      const auto measured = [&]() -> Result {
        const ScopedCallTiming call(parts);
        if (parts != nullptr) parts->Enter(pool.working());
        return work();
      };
      (*shared)(measured());
    };
    if (!pool.Submit(std::move(run), share)) {
      (*shared)(WithRetryDelay(
          absl::ResourceExhaustedError(
              "the server is too busy for this; retry in a moment"),
          absl::Seconds(1)));
    }
  };
  co_return co_await FromCallback<Result>(std::move(start));
}

}  // namespace pinhole

#endif  // PINHOLE_BASE_ASYNC_THREAD_POOL_H_
