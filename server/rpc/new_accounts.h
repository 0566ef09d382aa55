// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_NEW_ACCOUNTS_H_
#define PINHOLE_SERVER_RPC_NEW_ACCOUNTS_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/net/client_address.h"
#include "base/rate_limiter.h"

namespace pinhole::rpc {

// How many accounts one address may create: limits of what an account may have
// are worth nothing to who has any number of accounts.  Callers on this machine
// are not limited.  Thread-safe.
class NewAccounts {
 public:
  // So many may be created at once, and again within an hour; 0: any number.
  explicit NewAccounts(double per_hour);

  // Counts one more.
  // Errors: RESOURCE_EXHAUSTED with a retry delay, reason TOO_MANY_ACCOUNTS.
  absl::Status Take(const ClientAddress& client, absl::Time now);
  // Takes back what `Take` counted: no account was created.
  void GiveBack(const ClientAddress& client);

 private:
  const double per_hour_;
  std::optional<RateLimiter> addresses_;  // None: not limited.
};

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_NEW_ACCOUNTS_H_
