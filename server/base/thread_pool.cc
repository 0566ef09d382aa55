// SPDX-License-Identifier: Apache-2.0

#include "server/base/thread_pool.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

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

bool ThreadPool::Submit(absl::AnyInvocable<void()> work) {
  if (options_.threads == 0) {
    work();
    return true;
  }
  absl::MutexLock lock(&mutex_);
  if (stopping_ || queue_.size() >= options_.max_queue) return false;
  queue_.push_back(std::move(work));
  return true;
}

std::size_t ThreadPool::queued() const {
  absl::MutexLock lock(&mutex_);
  return queue_.size();
}

absl::Duration ThreadPool::ExpectedWait() const {
  if (options_.threads == 0) return absl::ZeroDuration();
  absl::MutexLock lock(&mutex_);
  return usual_time_ * static_cast<std::int64_t>(queue_.size()) /
         static_cast<std::int64_t>(options_.threads);
}

void ThreadPool::Run() {
  pthread_setname_np(pthread_self(), options_.name.substr(0, 15).c_str());
  if (options_.niceness != 0) {
    // On Linux a thread has a nice value of its own.
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), options_.niceness);
  }
  const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !queue_.empty();
  };
  while (true) {
    absl::AnyInvocable<void()> work;
    {
      absl::MutexLock lock(&mutex_, absl::Condition(&ready));
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    const auto begin = std::chrono::steady_clock::now();
    work();
    const absl::Duration took =
        absl::FromChrono(std::chrono::steady_clock::now() - begin);
    work = nullptr;
    absl::MutexLock lock(&mutex_);
    // The last dozen or so count.  One that was held up, as by a stall of the
    // machine, is no sign that the next will be: who waits would be refused.
    const absl::Duration most = usual_time_ > absl::ZeroDuration()
                                    ? 4 * usual_time_
                                    : absl::InfiniteDuration();
    usual_time_ += (std::min(took, most) - usual_time_) / 8;
  }
}

}  // namespace pinhole
