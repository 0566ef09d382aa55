// SPDX-License-Identifier: Apache-2.0

#include "base/async/thread_pool.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace pinhole {

ThreadPool::ThreadPool(Options options) : options_(std::move(options)) {
  for (std::size_t i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

ThreadPool::~ThreadPool() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

bool ThreadPool::Submit(absl::AnyInvocable<void()> work, std::int64_t share) {
  if (options_.threads == 0) {
    work();
    return true;
  }
  absl::MutexLock lock(&mutex_);
  if (stopping_ || queued_ >= options_.max_queue) return false;
  Share& found = shares_[share];
  if (found.waiting.empty()) turns_.push_back(share);
  found.waiting.push_back(std::move(work));
  ++queued_;
  return true;
}

std::size_t ThreadPool::queued() const {
  absl::MutexLock lock(&mutex_);
  return queued_;
}

absl::Duration ThreadPool::ExpectedWait() const {
  if (options_.threads == 0) return absl::ZeroDuration();
  absl::MutexLock lock(&mutex_);
  return usual_time_ * static_cast<std::int64_t>(queued_) /
         static_cast<std::int64_t>(options_.threads);
}

void ThreadPool::Run() {
  pthread_setname_np(pthread_self(), options_.name.substr(0, 15).c_str());
  const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return (stopping_ && queued_ == 0) || NextTurn() != turns_.end();
  };
  while (true) {
    absl::AnyInvocable<void()> work;
    std::int64_t share = 0;
    {
      absl::MutexLock lock(&mutex_, absl::Condition(&ready));
      if (queued_ == 0) return;
      const Turn turn = NextTurn();
      share = *turn;
      work = Take(turn);
    }
    const auto begin = std::chrono::steady_clock::now();
    work();
    const absl::Duration took =
        absl::FromChrono(std::chrono::steady_clock::now() - begin);
    work = nullptr;
    absl::MutexLock lock(&mutex_);
    Finish(share, took);
  }
}

ThreadPool::Turn ThreadPool::NextTurn() const {
  const std::size_t most = options_.max_threads_per_share;
  return std::find_if(
      turns_.begin(), turns_.end(),
      [this, most](std::int64_t share) ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
        return most == 0 || shares_.at(share).running < most;
      });
}

absl::AnyInvocable<void()> ThreadPool::Take(Turn turn) {
  const std::int64_t share = *turn;
  Share& found = shares_[share];
  absl::AnyInvocable<void()> work = std::move(found.waiting.front());
  found.waiting.pop_front();
  turns_.erase(turn);
  if (!found.waiting.empty()) turns_.push_back(share);
  ++found.running;
  --queued_;
  return work;
}

void ThreadPool::Finish(std::int64_t share, absl::Duration took) {
  const auto found = shares_.find(share);
  if (--found->second.running == 0 && found->second.waiting.empty()) {
    shares_.erase(found);
  }
  // An exponential moving average of about the last dozen.  A single delay, for
  // example a stall of the machine, says nothing about later work and must not
  // make the pool refuse it, so an outlier counts at most four times the
  // average.
  const absl::Duration most = usual_time_ > absl::ZeroDuration()
                                  ? 4 * usual_time_
                                  : absl::InfiniteDuration();
  usual_time_ += (std::min(took, most) - usual_time_) / 8;
}

}  // namespace pinhole
