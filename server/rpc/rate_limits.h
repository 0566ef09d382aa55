// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/net/client_address.h"
#include "base/rate_limiter.h"
#include "server/model/ids.h"

namespace pinhole::rpc {

// Limits the rate of calls of one account and one address.  Bursts of ten
// seconds' worth are allowed: a page of thumbnails is a burst, and many users
// can share an address.  Loopback clients are not limited.  Thread-safe.
class RateLimits {
 public:
  struct Options {
    double per_user = 0;     // Calls per second; 0: no limit.
    double per_address = 0;  // Calls per second; 0: no limit.
  };

  explicit RateLimits(const Options& options);

  // Count a call.  Errors: RESOURCE_EXHAUSTED with a retry delay, reason
  // RATE_LIMITED; the call is not counted.
  absl::Status TakeForAddress(const ClientAddress& client, absl::Time now);
  absl::Status TakeForUser(const ClientAddress& client, UserId user,
                           absl::Time now);

 private:
  const Options options_;
  std::optional<RateLimiter> users_;  // None: no limit.
  std::optional<RateLimiter> addresses_;
};

}  // namespace pinhole::rpc
