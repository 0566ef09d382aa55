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

Attempt::Attempt(store::PendingWrite write)
    : command_(std::move(write.command)),
      options_(write.options),
      done_(std::move(write.done)) {}

bool Attempt::BeginCommit() {
  const absl::MutexLock lock(&mutex_);
  if (state_ == State::kCommittedInPart) return true;
  if (answer_) return false;
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
  return answer_ && state_ == State::kRunning;
}

void Attempt::Answer(absl::StatusOr<CommandResult> result) {
  Store::Done done;
  {
    const absl::MutexLock lock(&mutex_);
    if (answer_) return;
    answer_ = result.status().code();
    done = std::move(done_);
  }
  done(std::move(result));
}

void Attempt::AnswerIfExpired(absl::Time now) {
  if (!store::IsExpired(options_, now)) return;
  Store::Done done;
  absl::Status expired;
  {
    const absl::MutexLock lock(&mutex_);
    if (answer_) return;
    expired =
        state_ == State::kRunning ? store::WriteExpired() : OutcomeUnknown();
    answer_ = expired.code();
    done = std::move(done_);
  }
  done(std::move(expired));
}

std::optional<absl::StatusCode> Attempt::answer() const {
  const absl::MutexLock lock(&mutex_);
  return answer_;
}

void Attempt::Enter(CallPhase phase, CallTiming::Clock::time_point start) {
  const absl::MutexLock lock(&mutex_);
  if (answer_ || options_.parts == nullptr) return;
  options_.parts->Enter(phase, start);
}

}  // namespace pinhole::postgres
