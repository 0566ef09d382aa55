// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/async/task.h"
#include "base/rate_limiter.h"

namespace pinhole {

// The limits on password guesses; domain/login_throttle.h explains them.
enum class GuessLimit {
  kPlace,    // One account from one address.
  kNetwork,  // All accounts from one address.
  kAccount,  // One account from all addresses.
  kOwner,    // One account, signed in.
};

RateLimiter::Options OptionsOf(GuessLimit limit);

struct GuessCharge {
  GuessLimit limit;
  std::uint64_t key;  // A keyed hash of what is limited.
};

// Counts password guesses, with a token bucket for each limit and key
// (base/rate_limiter.h).  Thread-safe.  Abstract because there are two: in the
// memory of a server, and in a database for all servers that use it.
class GuessCounter {
 public:
  virtual ~GuessCounter() = default;

  // Takes a token from the bucket of each of `charges`, whose keys must differ,
  // and returns zero.  If one of them is empty, takes none and returns the time
  // until the first such bucket, in the order of `charges`, has a token.
  //
  // Errors: those of a read of the store.  Something may have been charged
  // then; the guess must not be checked.
  virtual Task<absl::StatusOr<absl::Duration>> Charge(
      std::vector<GuessCharge> charges, absl::Time now) = 0;

  // Returns the tokens that `Charge` took.  Does not wait.  A failure leaves
  // the guess charged.
  virtual void Refund(std::vector<GuessCharge> charges) = 0;
};

}  // namespace pinhole
