// SPDX-License-Identifier: Apache-2.0

// Which failed calls are retried, and after which delay.

#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace pinhole::client {

struct RetryPolicy {
  int max_attempts = 4;  // Including the first; 1 disables retries.
  // The delay doubles from `initial_backoff` to `max_backoff`.  It is reduced
  // by a random part of at most half.
  absl::Duration initial_backoff = absl::Milliseconds(50);
  absl::Duration max_backoff = absl::Seconds(5);
};

// Whether a call can be retried.
enum class Repeat {
  kSafe,           // Idempotent: reads, most writes, creates with a request_id.
  kOnlyIfRefused,  // Retried only if it was certainly not executed.
  kNever,          // Not retried, for example because the input is consumed.
};

// The state of the retries of a call.  Not thread-safe.
class Retry {
 public:
  Retry(const RetryPolicy& policy, Repeat repeat, absl::Time deadline);

  // Returns the delay before the next attempt after one that ended with
  // `status`, at least the delay that the server requested.  Returns nothing if
  // the call must not be retried: it succeeded, its error is permanent, all
  // attempts are used, or the deadline would pass.
  std::optional<absl::Duration> DelayAfter(const absl::Status& status);

 private:
  RetryPolicy policy_;
  Repeat repeat_;
  absl::Time deadline_;
  int attempts_ = 0;
};

}  // namespace pinhole::client
