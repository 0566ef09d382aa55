// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/net/client_address.h"
#include "base/rate_limiter.h"

namespace pinhole::rpc {

// Limits the accounts that one address can create, since the limits of accounts
// mean nothing to clients that can create any number of them.  Loopback clients
// are not limited.  Thread-safe.
class AccountCreationLimit {
 public:
  // `per_hour` is the rate and the burst; 0: no limit.
  explicit AccountCreationLimit(double per_hour);

  // Counts an account.
  // Errors: RESOURCE_EXHAUSTED with a retry delay, reason TOO_MANY_ACCOUNTS.
  absl::Status Take(const ClientAddress& client, absl::Time now);
  // Undoes `Take`, because no account was created.
  void GiveBack(const ClientAddress& client);

 private:
  const double per_hour_;
  std::optional<RateLimiter> addresses_;  // None: no limit.
};

}  // namespace pinhole::rpc
