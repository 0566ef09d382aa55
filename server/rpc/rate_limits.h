// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_RATE_LIMITS_H_
#define PINHOLE_SERVER_RPC_RATE_LIMITS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/net/client_address.h"
#include "base/rate_limiter.h"
#include "server/model/ids.h"

namespace pinhole::rpc {

// How often one account and one address may call.  Calls may come in bursts of
// ten seconds' worth, since a page of thumbnails does, and since many people
// share an address.  Who is on this machine is not limited: they have all of it
// anyway, and what measures the server runs there.  Thread-safe.
class RateLimits {
 public:
  struct Options {
    double per_user = 0;     // Calls a second; 0: any number.
    double per_address = 0;  // The same.
  };

  explicit RateLimits(const Options& options);

  // Counts a call.  Errors of both: RESOURCE_EXHAUSTED with a retry delay,
  // reason RATE_LIMITED; then it is not counted.
  absl::Status TakeForAddress(const ClientAddress& client, absl::Time now);
  absl::Status TakeForUser(const ClientAddress& client, UserId user,
                           absl::Time now);

 private:
  const Options options_;
  std::optional<RateLimiter> users_;  // None: not limited.
  std::optional<RateLimiter> addresses_;
};

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_RATE_LIMITS_H_
