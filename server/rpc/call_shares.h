// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_CALL_SHARES_H_
#define PINHOLE_SERVER_RPC_CALL_SHARES_H_

#include "absl/status/status.h"
#include "base/concurrency_limiter.h"
#include "server/rpc/call.h"
#include "server/rpc/registry.h"

namespace pinhole::rpc {

// How many calls and streams one account and one address have under way at a
// time, so that nobody takes all places there are.  Rates do not bound that:
// streams last as long as their clients like.  Callers on this machine have a
// share of watches only, as in rate_limits.h.  Thread-safe.
class CallShares {
 public:
  struct Options {
    int per_user = 100;
    // A household, an office or a mobile network behind one address.
    int per_address = 1000;
    // Watches of a feed; one for each device and open page, roughly.
    int user_watches = 16;
    // Watches of health, which need no account: a few load balancers' for each
    // address.
    int address_health_watches = 100;
    int health_watches = 10'000;  // Of all addresses together.
  };

  explicit CallShares(const Options& options) : options_(options) {}

  // Gives the call, whose client and caller are known, its places; they are
  // given back by `call.places.clear()`.  These shares must outlive them.
  // Errors: RESOURCE_EXHAUSTED, reason CONCURRENCY_LIMITED with a retry delay,
  // or TOO_MANY_WATCHES; the places that the call got until then remain.
  absl::Status Take(const Method& method, Call& call);

 private:
  absl::Status TakeForCall(Call& call);
  absl::Status TakeForHealthWatch(Call& call);

  const Options options_;
  ConcurrencyLimiter users_;
  ConcurrencyLimiter addresses_;
  ConcurrencyLimiter user_watches_;
  ConcurrencyLimiter address_health_watches_;
  ConcurrencyLimiter health_watches_;
};

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_CALL_SHARES_H_
