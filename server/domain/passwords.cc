// SPDX-License-Identifier: Apache-2.0

#include "server/domain/passwords.h"

#include <utility>

#include "server/auth/password.h"
#include "server/base/errors.h"
#include "server/base/status_macros.h"

namespace pinhole::domain {

Passwords::Passwords(ThreadPool& pool, const Clock& clock)
    : pool_(pool), clock_(clock) {}

Task<absl::StatusOr<std::string>> Passwords::Hash(std::string password,
                                                  absl::Time deadline) {
  CO_RETURN_IF_ERROR(CheckQueue(deadline));
  auto hash = [this, &password, deadline]() -> absl::StatusOr<std::string> {
    RETURN_IF_ERROR(CheckDeadline(deadline));
    return auth::HashPassword(password);
  };
  absl::StatusOr<std::string> hashed = co_await RunOn(pool_, std::move(hash));
  co_return hashed;
}

Task<absl::StatusOr<bool>> Passwords::Verify(std::string password,
                                             std::string phc,
                                             absl::Time deadline) {
  CO_RETURN_IF_ERROR(CheckQueue(deadline));
  auto verify = [this, &password, &phc, deadline]() -> absl::StatusOr<bool> {
    RETURN_IF_ERROR(CheckDeadline(deadline));
    return auth::VerifyPassword(password, phc);
  };
  absl::StatusOr<bool> right = co_await RunOn(pool_, std::move(verify));
  co_return right;
}

absl::Status Passwords::CheckQueue(absl::Time deadline) const {
  const absl::Duration wait = pool_.ExpectedWait();
  const absl::Time now = clock_.Now();
  // One that is over already is told so by `CheckDeadline`.  Half of the time
  // is kept back: an answer that comes too late has cost as much as a good one.
  if (deadline <= now || now + 2 * wait <= deadline) return absl::OkStatus();
  return WithReason(
      WithRetryDelay(absl::ResourceExhaustedError(
                         "too many passwords are waiting to be checked; retry "
                         "in a moment"),
                     wait),
      "HASH_QUEUE_FULL");
}

absl::Status Passwords::CheckDeadline(absl::Time deadline) const {
  if (clock_.Now() < deadline) return absl::OkStatus();
  return absl::DeadlineExceededError(
      "the deadline passed while the password was waiting to be checked");
}

}  // namespace pinhole::domain
