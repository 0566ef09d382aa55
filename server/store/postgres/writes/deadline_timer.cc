// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/deadline_timer.h"

#include <pthread.h>

#include <utility>

#include "server/store/store_errors.h"

namespace pinhole::postgres {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(50);

}  // namespace

DeadlineTimer::DeadlineTimer(const Clock& clock,
                             std::array<store::WriteQueue*, kLanes> queues)
    : clock_(clock), queues_(queues), thread_([this] { Run(); }) {}

DeadlineTimer::~DeadlineTimer() {
  {
    const absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  thread_.join();
}

void DeadlineTimer::Watch(int lane,
                          std::vector<std::shared_ptr<Attempt>> attempts) {
  const absl::MutexLock lock(&mutex_);
  // The old ones are destroyed by the caller, without the lock.
  running_[lane].swap(attempts);
}

void DeadlineTimer::Run() {
  pthread_setname_np(pthread_self(), "store-deadline");
  while (true) {
    {
      const absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopped_), kTick)) return;
    }
    AnswerExpired();
  }
}

void DeadlineTimer::AnswerExpired() {
  const absl::Time now = clock_.Now();
  for (int lane = 0; lane < kLanes; ++lane) {
    for (store::PendingWrite& write : queues_[lane]->TakeExpired(now)) {
      ++expired_;
      write.done(store::WriteExpired());
    }
    std::vector<std::shared_ptr<Attempt>> running;
    {
      const absl::MutexLock lock(&mutex_);
      running = running_[lane];
    }
    for (const std::shared_ptr<Attempt>& attempt : running) {
      attempt->AnswerIfExpired(now);
    }
  }
}

}  // namespace pinhole::postgres
