// SPDX-License-Identifier: Apache-2.0

// Parts: where a call's time goes.
//
// A call is in one part at any moment, so the parts add up to the whole.  Who
// makes it wait or works for it says so by entering a part.  The parts of the
// call that a thread is working for are found by `Parts::Current`, as the
// executor is by `Executor::Current`: no layer has to hand them on.
//
// A wait takes the call off the thread: the awaitables of executor.h keep its
// parts and put them back when it goes on, wherever that is.  In between
// they belong to whoever carries out what is waited for, who was handed them.
// So at any moment one thread has them, and they need no lock.

#ifndef PINHOLE_BASE_PARTS_H_
#define PINHOLE_BASE_PARTS_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

#include "absl/time/time.h"

namespace pinhole {

enum class Part {
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
inline constexpr std::array<const char*, 10> kPartNames = {
    "admission", "hash_wait", "hash",  "write_wait", "write",
    "commit",    "fsync",     "query", "media",      "rest"};

// Not thread-safe; see above.
class Parts {
 public:
  using Clock = std::chrono::steady_clock;

  // Of the call that this thread works for; null if for none.
  static Parts* Current() { return current_; }
  static void SetCurrent(Parts* parts) { current_ = parts; }

  // Begins the whole in `part`.
  void Begin(Part part) {
    since_ = Clock::now();
    part_ = part;
  }

  // Ends the part of before, which is returned.
  Part Enter(Part part) { return Enter(part, Clock::now()); }
  Part Enter(Part part, Clock::time_point now) {
    // A clock read on another core may be a trifle behind.
    if (now > since_) {
      spent_[static_cast<std::size_t>(part_)] += now - since_;
      since_ = now;
    }
    return std::exchange(part_, part);
  }

  Part part() const { return part_; }

  // Until the last `Enter`.
  absl::Duration spent(Part part) const {
    return absl::FromChrono(spent_[static_cast<std::size_t>(part)]);
  }
  absl::Duration total() const {
    Clock::duration sum{0};
    for (const Clock::duration spent : spent_) sum += spent;
    return absl::FromChrono(sum);
  }

 private:
  static inline thread_local Parts* current_ = nullptr;

  std::array<Clock::duration, kPartNames.size()> spent_ = {};
  Clock::time_point since_ = {};
  Part part_ = Part::kRest;
};

// Makes `parts` those of this thread while it lives.  It may live in a
// coroutine: waits do not disturb it.
class WorkingFor {
 public:
  explicit WorkingFor(Parts* parts) : before_(Parts::Current()) {
    Parts::SetCurrent(parts);
  }
  ~WorkingFor() { Parts::SetCurrent(before_); }
  WorkingFor(const WorkingFor&) = delete;
  WorkingFor& operator=(const WorkingFor&) = delete;

 private:
  Parts* const before_;
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_PARTS_H_
