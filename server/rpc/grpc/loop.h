// SPDX-License-Identifier: Apache-2.0

// Loop: one completion queue of gRPC and the one thread that polls it.
//
// Everything that belongs to a call (its events, its coroutine, what it posts
// and what it waits for) happens on the thread of its loop.

#ifndef PINHOLE_SERVER_RPC_GRPC_LOOP_H_
#define PINHOLE_SERVER_RPC_GRPC_LOOP_H_

#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/async/executor.h"
#include "grpcpp/alarm.h"
#include "grpcpp/completion_queue.h"

namespace pinhole::rpc {

// What a loop's queue delivers.  The tag of every operation that is started on
// the queue is a `Completion*`.  Abstract because every kind of operation goes
// on differently.
class Completion {
 public:
  virtual ~Completion() = default;
  // The operation has ended, on the loop's thread.  `ok` as gRPC says.
  virtual void OnCompletion(bool ok) = 0;
};

// Thread-safe.
class Loop final : public Executor {
 public:
  // Starts the thread.
  explicit Loop(std::unique_ptr<grpc::ServerCompletionQueue> queue);
  // Stops if nobody did.
  ~Loop() override;

  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void Post(Work work) override;
  void PostAfter(absl::Duration delay, Work work) override;

  // For starting operations; not after `Stop`.
  grpc::ServerCompletionQueue* queue() { return queue_.get(); }

  // Runs what was posted so far, waits for the operations under way and ends
  // the thread.  Timers that are not due and later posts are destroyed without
  // being run.  Call it from another thread, after the server of the queue is
  // shut down.
  void Stop();

 private:
  // One of the two alarms: `run` when it fires or is cancelled.
  class Alarm final : public Completion {
   public:
    explicit Alarm(void (Loop::*run)(), Loop* loop) : run_(run), loop_(loop) {}
    void OnCompletion(bool) override { (loop_->*run_)(); }
    grpc::Alarm alarm;

   private:
    void (Loop::*const run_)();
    Loop* const loop_;
  };

  void Poll();
  void RunPosted();
  void RunTimers();
  void ArmTimer() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;

  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  // An alarm is set again only after it was delivered.
  bool post_armed_ ABSL_GUARDED_BY(mutex_) = false;
  bool timer_armed_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Work> posted_ ABSL_GUARDED_BY(mutex_);
  // By monotonic time since the loop was made.
  std::multimap<absl::Duration, Work> timers_ ABSL_GUARDED_BY(mutex_);
  Alarm post_alarm_ ABSL_GUARDED_BY(mutex_){&Loop::RunPosted, this};
  Alarm timer_alarm_ ABSL_GUARDED_BY(mutex_){&Loop::RunTimers, this};

  std::thread thread_;  // Last: it uses all the others.
};

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_GRPC_LOOP_H_
