// SPDX-License-Identifier: Apache-2.0

// Loop: a gRPC completion queue and the thread that polls it.
//
// All work of a call (its events, its coroutine and the work that it posts)
// runs on the thread of its loop.

#pragma once

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
#include "server/rpc/grpc/completion.h"

namespace pinhole::rpc {

// Thread-safe.
class Loop final : public Executor {
 public:
  // Starts the thread.
  explicit Loop(std::unique_ptr<grpc::ServerCompletionQueue> queue);
  // Stops, unless `Stop` was called.
  ~Loop() override;

  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void Post(Work work) override;
  void PostAfter(absl::Duration delay, Work work) override;

  // For starting operations.  Must not be used after `Stop`.
  grpc::ServerCompletionQueue* queue() { return queue_.get(); }

  // Runs the posted work, waits for operations in progress and ends the thread.
  // Timers that are not due and later posts are destroyed without being run.
  // Call it on another thread, after the server of the queue was shut down.
  void Stop();

 private:
  // Calls `run` when it fires or is cancelled.
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
  // An alarm must be delivered before it is set again.
  bool post_armed_ ABSL_GUARDED_BY(mutex_) = false;
  bool timer_armed_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Work> posted_ ABSL_GUARDED_BY(mutex_);
  // By monotonic time.
  std::multimap<absl::Duration, Work> timers_ ABSL_GUARDED_BY(mutex_);
  Alarm post_alarm_ ABSL_GUARDED_BY(mutex_){&Loop::RunPosted, this};
  Alarm timer_alarm_ ABSL_GUARDED_BY(mutex_){&Loop::RunTimers, this};

  std::thread thread_;  // Last: uses the other members.
};

}  // namespace pinhole::rpc
