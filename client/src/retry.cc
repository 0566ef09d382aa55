// SPDX-License-Identifier: Apache-2.0

#include "pinhole/retry.h"

#include <algorithm>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "pinhole/errors.h"

namespace pinhole::client {
namespace {

bool MayRepeat(const absl::Status& status, Repeat repeat) {
  if (repeat == Repeat::kNever) return false;
  switch (status.code()) {
    case absl::StatusCode::kResourceExhausted:
      // With a delay, the server refused the call before executing it.  Without
      // one, it is a limit for which waiting does not help.
      return DetailsOf(status).retry_delay.has_value();
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
      return repeat == Repeat::kSafe;
    default:
      return false;
  }
}

}  // namespace

Retry::Retry(const RetryPolicy& policy, Repeat repeat, absl::Time deadline)
    : policy_(policy), repeat_(repeat), deadline_(deadline) {}

std::optional<absl::Duration> Retry::DelayAfter(const absl::Status& status) {
  ++attempts_;
  if (status.ok() || attempts_ >= policy_.max_attempts ||
      !MayRepeat(status, repeat_)) {
    return std::nullopt;
  }
  // After 2^20 the delay is at its maximum.
  const int doublings = std::min(attempts_ - 1, 20);
  const absl::Duration backoff =
      std::min(policy_.initial_backoff * (1 << doublings), policy_.max_backoff);
  absl::BitGen random;
  absl::Duration delay = backoff * absl::Uniform(random, 0.5, 1.0);
  if (const auto asked = DetailsOf(status).retry_delay) {
    delay = std::max(delay, *asked);
  }
  if (absl::Now() + delay >= deadline_) return std::nullopt;
  return delay;
}

}  // namespace pinhole::client
