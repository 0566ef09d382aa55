// SPDX-License-Identifier: Apache-2.0

// Rate limiter for a large number of keys, for example client addresses.
//
// The generic cell rate algorithm, as the ATM Forum's Traffic Management
// Specification (af-tm-0056, section 4.4.2: "virtual scheduling") and ITU-T
// I.371 describe it.  It behaves like a token bucket, but stores one number for
// each key: the time at which the bucket will be full, the algorithm's
// "theoretical arrival time".  No timer has to refill buckets, and full buckets
// need not be stored.

#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace pinhole {

// A token bucket for each key.  A bucket holds at most `burst` tokens, starts
// full, and gains a token every `interval`.  Callers pass the time, which can
// be the wall clock's: if it is set back, a bucket is at worst empty.
// Thread-safe.
class RateLimiter {
 public:
  struct Options {
    absl::Duration interval;  // Must be positive.
    std::int64_t burst = 1;   // At least 1.
    // Maximum number of stored buckets, of slightly more than 16 bytes each.
    // At the maximum, full buckets are removed, which has no effect on the
    // limit, and then others if necessary: a limit for each address does not
    // restrain clients with that many addresses.
    std::size_t max_keys = 65'536;
  };

  explicit RateLimiter(const Options& options);

  // Takes a token from the bucket of `key` and returns zero.  If the bucket is
  // empty, returns the time until it has a token.
  absl::Duration Take(std::uint64_t key, absl::Time now);

  // Returns a token that was taken.
  void GiveBack(std::uint64_t key);

  // Number of stored buckets, at most `max_keys`.
  std::size_t size() const;

 private:
  void MakeRoom(std::int64_t now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::int64_t interval_;  // In nanoseconds.
  const std::int64_t capacity_;  // Nanoseconds to fill an empty bucket.
  const std::size_t max_keys_;

  mutable absl::Mutex mutex_;
  // The time at which each bucket will be full, in nanoseconds since the Unix
  // epoch.
  absl::flat_hash_map<std::uint64_t, std::int64_t> full_at_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole
