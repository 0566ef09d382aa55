// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_DOMAIN_PASSWORDS_H_
#define PINHOLE_SERVER_DOMAIN_PASSWORDS_H_

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

// What hashing has cost, for metrics.
struct PasswordStats {
  HistogramCounts hash_times;    // Of new passwords, in seconds.
  HistogramCounts verify_times;  // Of passwords to be checked, in seconds.
  double cpu_seconds = 0;        // Both.
  std::int64_t queue_depth = 0;  // Waiting for a thread now.
};

// Hashes passwords on a pool, and none that nobody would wait for.  They are
// normalized here (`NormalizePassword` in text.h), wherever they come from.
// Thread-safe.  Errors of both: RESOURCE_EXHAUSTED with a retry delay (too many
// are wanted at once), DEADLINE_EXCEEDED (passed while waiting).
class Passwords {
 public:
  // Both arguments must outlive this object.
  Passwords(ThreadPool& pool, const Clock& clock);

  // The hash as a PHC string.
  Task<absl::StatusOr<std::string>> Hash(std::string password,
                                         absl::Time deadline);
  // Whether `password` has the hash `phc`; also if the hash was made of its
  // bytes as they are, as before passwords were normalized.
  Task<absl::StatusOr<bool>> Verify(std::string password, std::string phc,
                                    absl::Time deadline);

  PasswordStats Stats() const;

 private:
  class Measured;

  // Whether a hash that is wanted until `deadline` is worth queueing.
  absl::Status CheckQueue(absl::Time deadline) const;
  // Before hashing: nobody waits any more.
  absl::Status CheckDeadline(absl::Time deadline) const;

  ThreadPool& pool_;
  const Clock& clock_;
  Histogram hash_times_{kHashSeconds};
  Histogram verify_times_{kHashSeconds};
  std::atomic<std::int64_t> cpu_nanos_{0};
};

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_PASSWORDS_H_
