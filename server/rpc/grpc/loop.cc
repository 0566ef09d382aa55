// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc/loop.h"

#include <pthread.h>

#include <chrono>
#include <utility>

#include "grpc/support/time.h"

namespace pinhole::rpc {
namespace {

// Monotonic, so that changes of the wall clock do not affect timers.
absl::Duration Now() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

gpr_timespec After(absl::Duration delay) {
  return gpr_time_add(
      gpr_now(GPR_CLOCK_MONOTONIC),
      gpr_time_from_nanos(absl::ToInt64Nanoseconds(delay), GPR_TIMESPAN));
}

}  // namespace

Loop::Loop(std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : queue_(std::move(queue)), thread_([this] { Poll(); }) {
  pthread_setname_np(thread_.native_handle(), "loop");
}

Loop::~Loop() { Stop(); }

void Loop::Post(Work work) {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return;
  posted_.push_back(std::move(work));
  if (post_armed_) return;
  post_armed_ = true;
  post_alarm_.alarm.Set(queue_.get(), gpr_time_0(GPR_CLOCK_MONOTONIC),
                        static_cast<Completion*>(&post_alarm_));
}

void Loop::PostAfter(absl::Duration delay, Work work) {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return;
  const auto added = timers_.emplace(Now() + delay, std::move(work));
  if (added != timers_.begin()) return;
  if (timer_armed_) {
    timer_alarm_.alarm.Cancel();  // Delivered at once, then set again.
  } else {
    ArmTimer();
  }
}

void Loop::ArmTimer() {
  timer_armed_ = true;
  timer_alarm_.alarm.Set(queue_.get(), After(timers_.begin()->first - Now()),
                         static_cast<Completion*>(&timer_alarm_));
}

void Loop::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    if (stopped_) return;
    stopped_ = true;
    if (timer_armed_) timer_alarm_.alarm.Cancel();
    // Under the lock, since no alarm may be set after the shutdown of a queue.
    queue_->Shutdown();
  }
  thread_.join();
  std::multimap<absl::Duration, Work> dropped;
  absl::MutexLock lock(&mutex_);
  dropped.swap(timers_);
}

void Loop::Poll() {
  SetCurrent(this);
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
    static_cast<Completion*>(tag)->OnCompletion(ok);
  }
  SetCurrent(nullptr);
}

void Loop::RunPosted() {
  std::vector<Work> works;
  {
    absl::MutexLock lock(&mutex_);
    works.swap(posted_);
    post_armed_ = false;
  }
  for (Work& work : works) {
    work();
    work = nullptr;  // Destroys the captures before the next work runs.
  }
}

void Loop::RunTimers() {
  std::vector<Work> due;
  {
    absl::MutexLock lock(&mutex_);
    timer_armed_ = false;
    const auto end = timers_.upper_bound(Now());
    for (auto it = timers_.begin(); it != end; ++it) {
      due.push_back(std::move(it->second));
    }
    timers_.erase(timers_.begin(), end);
    if (!timers_.empty() && !stopped_) ArmTimer();
    if (stopped_) due.clear();
  }
  for (Work& work : due) {
    work();
    work = nullptr;
  }
}

}  // namespace pinhole::rpc
