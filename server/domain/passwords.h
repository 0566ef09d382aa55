// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_DOMAIN_PASSWORDS_H_
#define PINHOLE_SERVER_DOMAIN_PASSWORDS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/task.h"
#include "server/base/thread_pool.h"

namespace pinhole::domain {

// Hashes passwords on a pool, and none that nobody would wait for.
// Thread-safe.  Errors of both: RESOURCE_EXHAUSTED with a retry delay (too many
// are wanted at once), DEADLINE_EXCEEDED (passed while waiting).
class Passwords {
 public:
  // Both arguments must outlive this object.
  Passwords(ThreadPool& pool, const Clock& clock);

  // The hash as a PHC string.
  Task<absl::StatusOr<std::string>> Hash(std::string password,
                                         absl::Time deadline);
  // Whether `password` has the hash `phc`.
  Task<absl::StatusOr<bool>> Verify(std::string password, std::string phc,
                                    absl::Time deadline);

 private:
  // Whether a hash that is wanted until `deadline` is worth queueing.
  absl::Status CheckQueue(absl::Time deadline) const;
  // Before hashing: nobody waits any more.
  absl::Status CheckDeadline(absl::Time deadline) const;

  ThreadPool& pool_;
  const Clock& clock_;
};

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_PASSWORDS_H_
