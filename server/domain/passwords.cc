// SPDX-License-Identifier: Apache-2.0

#include "server/domain/passwords.h"

#include <time.h>

#include <chrono>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "server/auth/password.h"
#include "server/domain/text/text.h"

namespace pinhole::domain {
namespace {

std::int64_t ThreadCpuNanos() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return used.tv_sec * std::int64_t{1'000'000'000} + used.tv_nsec;
}

}  // namespace

// Measures from construction to destruction.
class Passwords::Measured {
 public:
  Measured(Passwords& passwords, Histogram& times)
      : passwords_(passwords), times_(times) {}
  ~Measured() {
    times_.Observe(std::chrono::steady_clock::now() - begin_);
    passwords_.cpu_nanos_ += ThreadCpuNanos() - cpu_begin_;
  }
  Measured(const Measured&) = delete;
  Measured& operator=(const Measured&) = delete;

 private:
  Passwords& passwords_;
  Histogram& times_;
  const std::chrono::steady_clock::time_point begin_ =
      std::chrono::steady_clock::now();
  const std::int64_t cpu_begin_ = ThreadCpuNanos();
};

Passwords::Passwords(ThreadPool& pool, const Clock& clock)
    : pool_(pool), clock_(clock) {}

Task<absl::StatusOr<std::string>> Passwords::Hash(std::string password,
                                                  absl::Time deadline) {
  CO_RETURN_IF_ERROR(CheckQueue(deadline));
  auto hash = [this, &password, deadline]() -> absl::StatusOr<std::string> {
    RETURN_IF_ERROR(CheckDeadline(deadline));
    const Measured measured(*this, hash_times_);
    return auth::HashPassword(NormalizePassword(password));
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
    const Measured measured(*this, verify_times_);
    const std::string normalized = NormalizePassword(password);
    return auth::VerifyPassword(normalized, phc) ||
           (normalized != password && auth::VerifyPassword(password, phc));
  };
  absl::StatusOr<bool> right = co_await RunOn(pool_, std::move(verify));
  co_return right;
}

PasswordStats Passwords::Stats() const {
  return {.hash_times = hash_times_.Read(),
          .verify_times = verify_times_.Read(),
          .cpu_seconds = static_cast<double>(cpu_nanos_) * 1e-9,
          .queue_depth = static_cast<std::int64_t>(pool_.queued())};
}

absl::Status Passwords::CheckQueue(absl::Time deadline) const {
  const absl::Duration wait = pool_.ExpectedWait();
  const absl::Time now = clock_.Now();
  // A deadline that has passed is reported by `CheckDeadline`.  Half of the
  // time is held in reserve: a hash that finishes too late is wasted work.
  if (deadline <= now || now + 2 * wait <= deadline) return absl::OkStatus();
  return WithRetryDelay(
      MakeError(Reason::kHashQueueFull,
                "too many passwords are waiting to be checked; retry "
                "in a moment"),
      wait);
}

absl::Status Passwords::CheckDeadline(absl::Time deadline) const {
  if (clock_.Now() < deadline) return absl::OkStatus();
  return MakeError(
      Reason::kDeadlineExceeded,
      "the deadline passed while the password was waiting to be checked");
}

}  // namespace pinhole::domain
