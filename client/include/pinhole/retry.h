// SPDX-License-Identifier: Apache-2.0

// When a failed call is made again, and after how long.

#ifndef PINHOLE_CLIENT_INCLUDE_PINHOLE_RETRY_H_
#define PINHOLE_CLIENT_INCLUDE_PINHOLE_RETRY_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace pinhole::client {

struct RetryPolicy {
  int max_attempts = 4;  // The first one included; 1 means no retries.
  // The wait doubles from `initial_backoff` to `max_backoff`, each time less a
  // random part of at most half.
  absl::Duration initial_backoff = absl::Milliseconds(50);
  absl::Duration max_backoff = absl::Seconds(5);
};

// Whether doing a call twice is the same as doing it once.
enum class Repeat {
  kSafe,           // Reads, idempotent writes, creates with a request_id.
  kOnlyIfRefused,  // May be repeated only if it surely was not done.
  kNever,          // The input is used up.
};

// The retries of one call.  Not thread-safe.
class Retry {
 public:
  Retry(const RetryPolicy& policy, Repeat repeat, absl::Time deadline);

  // How long to wait before the next attempt after one that ended with
  // `status`; nothing if the call is over: it succeeded, its error is final,
  // the attempts are used up or the deadline would pass.  Never less than the
  // delay the server asks for.
  std::optional<absl::Duration> DelayAfter(const absl::Status& status);

 private:
  RetryPolicy policy_;
  Repeat repeat_;
  absl::Time deadline_;
  int attempts_ = 0;
};

}  // namespace pinhole::client

#endif  // PINHOLE_CLIENT_INCLUDE_PINHOLE_RETRY_H_
