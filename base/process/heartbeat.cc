// SPDX-License-Identifier: Apache-2.0

#include "base/process/heartbeat.h"

#include <pthread.h>

#include <utility>

namespace pinhole {

Heartbeat::Heartbeat(std::vector<Post> loops, absl::Duration interval,
                     std::function<void()> beat)
    : loops_(std::move(loops)),
      interval_(interval),
      beat_(std::move(beat)),
      thread_([this] { Run(); }) {}

Heartbeat::~Heartbeat() {
  {
    const absl::MutexLock lock(&round_->mutex);
    round_->stopped = true;
  }
  thread_.join();
}

void Heartbeat::Run() {
  pthread_setname_np(pthread_self(), "heartbeat");
  while (AskLoops()) {
    beat_();
    const absl::MutexLock lock(&round_->mutex);
    round_->mutex.AwaitWithTimeout(absl::Condition(&round_->stopped),
                                   interval_);
  }
}

bool Heartbeat::AskLoops() {
  {
    const absl::MutexLock lock(&round_->mutex);
    if (round_->stopped) return false;
    round_->missing = loops_.size();
  }
  for (const Post& post : loops_) {
    post([round = round_] {
      const absl::MutexLock lock(&round->mutex);
      --round->missing;
    });
  }
  const absl::MutexLock lock(&round_->mutex);
  const auto answered_or_stopped = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return round_->missing == 0 || round_->stopped;
  };
  round_->mutex.Await(absl::Condition(&answered_or_stopped));
  return !round_->stopped;
}

}  // namespace pinhole
