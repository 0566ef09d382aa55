// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/attempt.h"

#include <utility>

#include "base/errors.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {
namespace {

absl::Status OutcomeUnknown() {
  return MakeError(
      Reason::kOutcomeUnknown,
      "the deadline passed while the database was committing the write; its "
      "outcome is unknown");
}

}  // namespace

Attempt::Attempt(store::PendingWrite write, AnswerCounts* counts)
    : command_(std::move(write.command)),
      options_(write.options),
      counts_(counts),
      done_(std::move(write.done)) {}

bool Attempt::BeginCommit() {
  const absl::MutexLock lock(&mutex_);
  if (state_ == State::kCommittedInPart) return true;
  if (answered_) return false;
  state_ = State::kCommitting;
  return true;
}

void Attempt::RolledBack() {
  const absl::MutexLock lock(&mutex_);
  if (state_ == State::kCommitting) state_ = State::kRunning;
}

void Attempt::Committed() {
  const absl::MutexLock lock(&mutex_);
  state_ = State::kCommittedInPart;
}

bool Attempt::dropped() const {
  const absl::MutexLock lock(&mutex_);
  return answered_ && state_ == State::kRunning;
}

bool Attempt::can_wait() const {
  const absl::MutexLock lock(&mutex_);
  return state_ == State::kRunning &&
         options_.deadline != absl::InfiniteFuture();
}

void Attempt::Answer(absl::StatusOr<CommandResult> result) {
  Store::Done done;
  {
    const absl::MutexLock lock(&mutex_);
    if (std::exchange(answered_, true)) return;
    done = std::move(done_);
  }
  Count(result.status());
  done(std::move(result));
}

void Attempt::AnswerIfExpired(absl::Time now) {
  if (!store::IsExpired(options_, now)) return;
  Store::Done done;
  absl::Status expired;
  {
    const absl::MutexLock lock(&mutex_);
    if (std::exchange(answered_, true)) return;
    done = std::move(done_);
    expired =
        state_ == State::kRunning ? store::WriteExpired() : OutcomeUnknown();
  }
  Count(expired);
  done(std::move(expired));
}

void Attempt::Count(const absl::Status& answer) {
  if (counts_ == nullptr) return;
  if (absl::IsDeadlineExceeded(answer)) {
    ++counts_->expired;
    return;
  }
  ++counts_->run;
  if (!answer.ok()) ++counts_->failed;
}

void Attempt::Enter(CallPhase phase, CallTiming::Clock::time_point start) {
  const absl::MutexLock lock(&mutex_);
  if (answered_ || options_.parts == nullptr) return;
  options_.parts->Enter(phase, start);
}

}  // namespace pinhole::postgres
