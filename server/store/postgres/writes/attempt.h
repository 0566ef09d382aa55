// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/call_timing.h"
#include "server/store/queue/write_queue.h"

namespace pinhole::postgres {

// Numbers of answered commands.
struct AnswerCounts {
  std::atomic<std::int64_t> run = 0;
  std::atomic<std::int64_t> failed = 0;   // Of these, with an error.
  std::atomic<std::int64_t> expired = 0;  // Not run: the deadline passed.
};

// A command that a lane runs, and its answer.  A database that is unreachable
// can delay a command past its deadline; the deadline timer then answers
// instead of the lane, which is why an answer depends on whether a COMMIT with
// the command's effect may have been sent.  Thread-safe.
class Attempt {
 public:
  // `counts` includes the command before it is answered; may be null.
  explicit Attempt(store::PendingWrite write, AnswerCounts* counts = nullptr);

  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  const Command& command() const { return command_; }

  // Must be called before the COMMIT is sent.  False if the command has been
  // answered as expired: it must not be committed.
  bool BeginCommit();
  // The transaction had no effect.
  void RolledBack();
  // A transaction of this command was committed, and others follow: the command
  // runs to its end even if it has been answered.
  void Committed();

  // Whether the command was answered and must not be run (again).
  bool dropped() const;
  // Whether a command that others were in the way of is to be run again later:
  // it had no effect, and its deadline ends that.
  bool can_wait() const;

  // Answers the command, unless it has been answered.
  void Answer(absl::StatusOr<CommandResult> result);
  // Answers the command if its deadline has passed, with WriteExpired or, from
  // `BeginCommit` on, OUTCOME_UNKNOWN.
  void AnswerIfExpired(absl::Time now);

  // Records the phase in the timing of the call, if it still waits.
  void Enter(CallPhase phase, CallTiming::Clock::time_point start);

 private:
  enum class State { kRunning, kCommitting, kCommittedInPart };

  void Count(const absl::Status& answer);

  const Command command_;
  const WriteOptions options_;
  AnswerCounts* const counts_;
  mutable absl::Mutex mutex_;
  Store::Done done_ ABSL_GUARDED_BY(mutex_);
  State state_ ABSL_GUARDED_BY(mutex_) = State::kRunning;
  bool answered_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace pinhole::postgres
