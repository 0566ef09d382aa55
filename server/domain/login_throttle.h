// SPDX-License-Identifier: Apache-2.0

// Login throttle: how many passwords somebody may guess.
//
// A guess is charged before it is hashed, so that guesses made at once cannot
// slip by, and given back unless the password was wrong: who knows it never
// runs into a limit.  Four things are counted:
//
//   one account from one address    10, then one every 30 seconds
//   one account from anywhere       100, then one every 10 seconds
//   any account from one address    30, then one every 5 seconds
//   an account's own sessions       10, then one every 30 seconds
//
// The first makes guessing hopeless: some 2,900 a day.  The second bounds
// guessers with many addresses, and has a price: a dozen addresses that guess
// without pause keep
// an owner out.  So an address from which the account has signed in (since the
// server started) is not held by it: strangers lock nobody out of where they
// usually are.  The third is
// for one password tried with many accounts; it is not too tight, since many
// people share an address.  The last is for who got hold of a session and
// guesses the password, to change it or to delete the account; nobody without a
// session can use it up.
//
// People on this machine, or behind a proxy on it that does not name its
// clients, cannot be told apart by address: for them only what is counted for
// the account alone holds.
//
// Handles that nobody has count like others, so the answers tell nothing.  The
// counts are in memory: a restart forgets them, and several servers each count
// for themselves.

#ifndef PINHOLE_SERVER_DOMAIN_LOGIN_THROTTLE_H_
#define PINHOLE_SERVER_DOMAIN_LOGIN_THROTTLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/rate_limiter.h"
#include "server/model/ids.h"

namespace pinhole::domain {

// Where a login comes from: a number for each address, as rpc/client_address.h
// counts them; none for this machine.
using Network = std::optional<std::uint64_t>;

// Thread-safe.
class LoginThrottle {
 public:
  struct Options {
    bool enabled = true;  // Off is for measuring.
  };

  // A guess that may be hashed; given back when destroyed, unless it was wrong.
  // The throttle outlives it.
  class Guess {
   public:
    Guess(Guess&&) noexcept = default;
    Guess& operator=(Guess&&) = delete;
    ~Guess();

    void Right();
    void Wrong() { charges_.clear(); }

   private:
    friend class LoginThrottle;
    Guess() = default;

    std::vector<std::pair<RateLimiter*, std::uint64_t>> charges_;
    LoginThrottle* throttle_ = nullptr;
    std::uint64_t place_ = 0;  // The account and the address; 0 if unknown.
  };

  explicit LoginThrottle(const Options& options);

  // A login.  Errors of both: RESOURCE_EXHAUSTED with a retry delay, reason
  // LOGIN_THROTTLED; then nothing is charged.
  absl::StatusOr<Guess> Login(std::string_view handle, Network network,
                              absl::Time now);
  // The password is asked for again, of somebody who is signed in.
  absl::StatusOr<Guess> Confirm(UserId account, absl::Time now);

 private:
  using Charges = std::vector<std::pair<RateLimiter*, std::uint64_t>>;

  // A number that nobody outside can choose.
  std::uint64_t KeyOf(std::string_view handle, std::string_view network) const;
  absl::StatusOr<Guess> Charge(const Charges& charges, absl::Time now);
  bool Knows(std::uint64_t place) const;
  void Remember(std::uint64_t place);

  const Options options_;
  const std::string secret_;
  RateLimiter places_;
  RateLimiter accounts_;
  RateLimiter networks_;
  RateLimiter owners_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_set<std::uint64_t> known_places_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_LOGIN_THROTTLE_H_
