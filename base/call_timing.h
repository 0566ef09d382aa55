// SPDX-License-Identifier: Apache-2.0

// CallTiming: where a call's time goes.
//
// A call is in one part at any moment, so the parts add up to the whole.  Who
// makes it wait or works for it says so by entering a part.  The parts of the
// call that a thread is working for are found by `CallTiming::Current`, as the
// executor is by `Executor::Current`: no layer has to hand them on.
//
// A wait takes the call off the thread: the awaitables of executor.h keep its
// parts and put them back when it goes on, wherever that is.  In between
// they belong to whoever carries out what is waited for, who was handed them.
// So at any moment one thread has them, and they need no lock.

#ifndef PINHOLE_BASE_CALL_TIMING_H_
#define PINHOLE_BASE_CALL_TIMING_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

#include "absl/time/time.h"

namespace pinhole {

enum class CallPhase {
  kAdmission,  // Who calls, and may they?
  kHashWait,   // Until a thread was free to hash the password.
  kHash,
  kWriteWait,  // Until the writer took the command.
  kWrite,      // The command, and those after it in its transaction.
  kCommit,     // The transaction's commit, until the call goes on.
  kFsync,      // Of that, until the disk had it.
  kQuery,      // Reads, from memory or by a connection, and waiting for one.
  kMedia,      // Pictures and their files, and waiting for a thread.
  kRest,       // All else: messages, checks, the loop, the client of a stream.
};

// By the number of the part.
inline constexpr std::array<const char*, 10> kCallPhaseNames = {
    "admission", "hash_wait", "hash",  "write_wait", "write",
    "commit",    "fsync",     "query", "media",      "rest"};

// Not thread-safe; see above.
class CallTiming {
 public:
  using Clock = std::chrono::steady_clock;

  // Of the call that this thread works for; null if for none.
  static CallTiming* Current() { return current_; }
  static void SetCurrent(CallTiming* parts) { current_ = parts; }

  // Begins the whole in `part`.
  void Begin(CallPhase part) {
    since_ = Clock::now();
    part_ = part;
  }

  // Ends the part of before, which is returned.
  CallPhase Enter(CallPhase part) { return Enter(part, Clock::now()); }
  CallPhase Enter(CallPhase part, Clock::time_point now) {
    // A clock read on another core may be a trifle behind.
    if (now > since_) {
      spent_[static_cast<std::size_t>(part_)] += now - since_;
      since_ = now;
    }
    return std::exchange(part_, part);
  }

  CallPhase part() const { return part_; }

  // Until the last `Enter`.
  absl::Duration spent(CallPhase part) const {
    return absl::FromChrono(spent_[static_cast<std::size_t>(part)]);
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
  CallPhase part_ = CallPhase::kRest;
};

// Makes `parts` those of this thread while it lives.  It may live in a
// coroutine: waits do not disturb it.
class ScopedCallTiming {
 public:
  explicit ScopedCallTiming(CallTiming* parts)
      : before_(CallTiming::Current()) {
    CallTiming::SetCurrent(parts);
  }
  ~ScopedCallTiming() { CallTiming::SetCurrent(before_); }
  ScopedCallTiming(const ScopedCallTiming&) = delete;
  ScopedCallTiming& operator=(const ScopedCallTiming&) = delete;

 private:
  CallTiming* const before_;
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_CALL_TIMING_H_
