// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/status.h"
#include "base/concurrency_limiter.h"
#include "server/rpc/call.h"
#include "server/rpc/registry.h"

namespace pinhole::rpc {

// Limits on the concurrent calls and streams of one account and one address, so
// that no client can occupy all slots of the server.  Rate limits do not bound
// this, since streams can last for any time.  Loopback clients are limited only
// in their watches.  Thread-safe.
class ConcurrencyLimits {
 public:
  struct Options {
    int per_user = 100;
    // One address can be that of an office or a mobile network.
    int per_address = 1000;
    // Feed watches, about one per device and open page.
    int user_watches = 16;
    // Health watches and reflection streams, which need no account: a few load
    // balancers and tools per address.
    int address_health_watches = 100;
    int health_watches = 10'000;  // All addresses together.
  };

  explicit ConcurrencyLimits(const Options& options) : options_(options) {}

  // These take slots for the call, which are released by `call.slots.clear()`
  // and must not outlive this object.  Errors: RESOURCE_EXHAUSTED, reason
  // CONCURRENCY_LIMITED with a retry delay, or TOO_MANY_WATCHES; slots that
  // were taken before the error are kept.

  // For the call's client.  To be called before anything is waited for, such as
  // the look-up of the session: an address could otherwise occupy all slots of
  // the server with calls that wait.
  absl::Status TakeForAddress(const Method& method, Call& call);
  // For the call's caller.
  absl::Status TakeForUser(const Method& method, Call& call);

 private:
  absl::Status TakeForHealthWatch(Call& call);

  const Options options_;
  ConcurrencyLimiter users_;
  ConcurrencyLimiter addresses_;
  ConcurrencyLimiter user_watches_;
  ConcurrencyLimiter address_health_watches_;
  ConcurrencyLimiter health_watches_;
};

}  // namespace pinhole::rpc
