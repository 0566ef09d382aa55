// SPDX-License-Identifier: Apache-2.0

// Rate limiter: how often somebody may do something, for very many somebodies.
//
// The generic cell rate algorithm, as the ATM Forum's Traffic Management
// Specification (af-tm-0056, section 4.4.2: "virtual scheduling") and ITU-T
// I.371 describe it.  It gives the answers of a token bucket and keeps one
// number for each key: the time at which the bucket will be full again, which
// is the algorithm's "theoretical arrival time".  So nothing has to be filled
// up by a clock, and a bucket that is full need not be kept at all.

#ifndef PINHOLE_BASE_RATE_LIMITER_H_
#define PINHOLE_BASE_RATE_LIMITER_H_

#include <cstddef>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace pinhole {

// A bucket for each key: it holds `burst` at most, is full at first, and gets
// one more every `interval`.  Thread-safe.  The time is passed in, and may be
// the wall clock's: one that is set back makes a bucket empty at worst.
class RateLimiter {
 public:
  struct Options {
    absl::Duration interval;  // More than zero.
    std::int64_t burst = 1;   // At least 1.
    // Buckets that are kept, 16 bytes and a little each.  Beyond it those that
    // are full again go, which nobody notices; if they are few, others go, too:
    // who comes from so many addresses is not held by a limit for each.
    std::size_t max_keys = 65'536;
  };

  explicit RateLimiter(const Options& options);

  // Takes one from the bucket of `key` and returns zero; or takes nothing, if
  // it is empty, and returns how long until it has one.
  absl::Duration Take(std::uint64_t key, absl::Time now);

  // Puts one back that was taken.
  void GiveBack(std::uint64_t key);

  // Buckets that are kept; never more than `max_keys`.
  std::size_t size() const;

 private:
  void MakeRoom(std::int64_t now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::int64_t interval_;  // In nanoseconds, as all that follows.
  const std::int64_t capacity_;  // What filling an empty bucket takes.
  const std::size_t max_keys_;

  mutable absl::Mutex mutex_;
  // When the bucket will be full, since the Unix epoch.
  absl::flat_hash_map<std::uint64_t, std::int64_t> full_at_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_RATE_LIMITER_H_
