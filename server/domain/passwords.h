// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/async/task.h"
#include "base/async/thread_pool.h"
#include "base/clock.h"
#include "base/histogram.h"

namespace pinhole::domain {

// The cost of password hashing, for metrics.
struct PasswordStats {
  HistogramCounts hash_times;    // Of new passwords, in seconds.
  HistogramCounts verify_times;  // Of passwords being checked, in seconds.
  double cpu_seconds = 0;        // Total of both.
  std::int64_t queue_depth = 0;  // Waiting for a thread now.
};

// Hashes passwords on a pool, except when the caller would no longer be
// waiting. Passwords are normalized here (`NormalizePassword` in text.h).
// Thread-safe.  Errors of both: RESOURCE_EXHAUSTED with a retry delay (too many
// are requested at once), DEADLINE_EXCEEDED (passed while waiting).
class Passwords {
 public:
  // Both arguments must outlive this object.
  Passwords(ThreadPool& pool, const Clock& clock);

  // Returns the hash as a PHC string.
  Task<absl::StatusOr<std::string>> Hash(std::string password,
                                         absl::Time deadline);
  // Whether `password` has the hash `phc`.  Also accepts hashes of the raw
  // bytes, which were stored before passwords were normalized.
  Task<absl::StatusOr<bool>> Verify(std::string password, std::string phc,
                                    absl::Time deadline);

  PasswordStats Stats() const;

 private:
  class Measured;

  // Whether a hash requested until `deadline` is worth queueing.
  absl::Status CheckQueue(absl::Time deadline) const;
  // Checked before hashing: an error if nobody waits any more.
  absl::Status CheckDeadline(absl::Time deadline) const;

  ThreadPool& pool_;
  const Clock& clock_;
  Histogram hash_times_{kHashSeconds};
  Histogram verify_times_{kHashSeconds};
  std::atomic<std::int64_t> cpu_nanos_{0};
};

}  // namespace pinhole::domain
