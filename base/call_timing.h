// SPDX-License-Identifier: Apache-2.0

// CallTiming: how a call's time is divided into phases.
//
// A call is in exactly one phase at any time, so the phases add up to its total
// time.  Code that makes a call wait, or works for it, enters a phase.  The
// timing of the call that a thread is working for is `CallTiming::Current()`,
// like `Executor::Current()`, so that no layer has to pass it on.
//
// While a coroutine waits, its timing is not attached to a thread: the
// awaitables of executor.h detach it and attach it again when the coroutine
// resumes, on whichever thread.  In between it belongs to the code that
// performs the awaited work.  One thread uses it at a time, so it needs no
// lock.

#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

#include "absl/time/time.h"

namespace pinhole {

enum class CallPhase {
  kAdmission,  // Authentication and limits.
  kHashWait,   // Waiting for a thread to hash the password.
  kHash,       // Hashing the password.
  kWriteWait,  // Waiting for the writer to take the command.
  kWrite,      // The command and later commands of its transaction.
  kCommit,     // The transaction's commit, until the call resumes.
  kFsync,      // The part of the commit that flushes to disk.
  kQuery,      // Reads, and waiting for a connection.
  kMedia,      // Image processing and files, and waiting for a thread.
  kRest,       // Everything else: parsing, the event loop, the client.
};

// Indexed by CallPhase.
inline constexpr std::array<const char*, 10> kCallPhaseNames = {
    "admission", "hash_wait", "hash",  "write_wait", "write",
    "commit",    "fsync",     "query", "media",      "rest"};

// Not thread-safe; see the comment at the top.
class CallTiming {
 public:
  using Clock = std::chrono::steady_clock;

  // The timing of the call that this thread works for, or null.
  static CallTiming* Current() { return current_; }
  static void SetCurrent(CallTiming* timing) { current_ = timing; }

  // Begins the call in `phase`.
  void Begin(CallPhase phase) {
    since_ = Clock::now();
    phase_ = phase;
  }

  // Ends the current phase and returns it.
  CallPhase Enter(CallPhase phase) { return Enter(phase, Clock::now()); }
  CallPhase Enter(CallPhase phase, Clock::time_point now) {
    // Clocks of two cores can differ slightly.
    if (now > since_) {
      spent_[static_cast<std::size_t>(phase_)] += now - since_;
      since_ = now;
    }
    return std::exchange(phase_, phase);
  }

  CallPhase phase() const { return phase_; }

  // Up to the last `Enter`.
  absl::Duration spent(CallPhase phase) const {
    return absl::FromChrono(spent_[static_cast<std::size_t>(phase)]);
  }
  absl::Duration total() const {
    Clock::duration sum{0};
    for (const Clock::duration spent : spent_) sum += spent;
    return absl::FromChrono(sum);
  }

 private:
  static inline thread_local CallTiming* current_ = nullptr;

  std::array<Clock::duration, kCallPhaseNames.size()> spent_ = {};
  Clock::time_point since_ = {};
  CallPhase phase_ = CallPhase::kRest;
};

// Makes `timing` the current timing of this thread during its lifetime.  Can be
// a local variable of a coroutine.
class ScopedCallTiming {
 public:
  explicit ScopedCallTiming(CallTiming* timing)
      : before_(CallTiming::Current()) {
    CallTiming::SetCurrent(timing);
  }
  ~ScopedCallTiming() { CallTiming::SetCurrent(before_); }
  ScopedCallTiming(const ScopedCallTiming&) = delete;
  ScopedCallTiming& operator=(const ScopedCallTiming&) = delete;

 private:
  CallTiming* const before_;
};

}  // namespace pinhole
