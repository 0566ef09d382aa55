// SPDX-License-Identifier: Apache-2.0

// Limits on password guesses.
//
// A guess is charged before it is hashed, so that concurrent guesses cannot
// exceed a limit, and refunded unless the password was wrong, so that users who
// know their password never reach a limit.  There are four limits:
//
//   one account from one address    10, then one every 30 seconds
//   one account from all addresses  100, then one every 10 seconds
//   all accounts from one address   30, then one every 5 seconds
//   one account, signed in          10, then one every 30 seconds
//
// The first makes guessing hopeless: about 2,900 guesses a day.  The second
// bounds attackers with many addresses.  Its cost is that a dozen addresses
// that guess without pause could lock an owner out, so it does not apply to an
// address from which the account has signed in since the server started.  The
// third is for one password tried with many accounts; it is wide enough for
// addresses shared by many people.  The last is for an attacker who has stolen
// a session and guesses the password in order to change it or to delete the
// account; nobody without a session can exhaust it.
//
// Clients on loopback, or behind a proxy on loopback that does not name its
// clients, cannot be told apart by address: only the limits of the account
// alone apply to them.
//
// Handles that do not exist are counted like others, so answers do not reveal
// which exist.
//
// A GuessCounter keeps the counts.  With SQLite, they are in memory, and a
// restart resets them.  With PostgreSQL, they are in an unlogged table that all
// servers share, so a guess counts whichever server receives it; a crash or a
// failover of PostgreSQL resets them.  If the table cannot be reached, guesses
// are refused.  The addresses from which an account has signed in are in the
// memory of each server.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/async/task.h"
#include "server/model/ids.h"
#include "server/store/guess_counter.h"
#include "server/store/store.h"

namespace pinhole::domain {

// The network of a login, as numbered by rpc/client_address.h; nullopt for
// loopback.
using Network = std::optional<std::uint64_t>;

// Thread-safe.
class LoginThrottle {
 public:
  struct Options {
    bool enabled = true;  // False only for measuring.
  };

  // A guess that may be hashed.  Its charge is refunded on destruction unless
  // it was marked wrong.  Must not outlive the throttle.
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

    std::vector<GuessCharge> charges_;
    LoginThrottle* throttle_ = nullptr;
    std::uint64_t place_ = 0;  // Account and network; 0 if unknown.
  };

  // Both must outlive the throttle.  `store` supplies the secret, which is the
  // same for all servers that share a counter.
  LoginThrottle(GuessCounter& counter, const Store& store,
                const Options& options);

  // For a login.  Errors of both functions: RESOURCE_EXHAUSTED with a retry
  // delay, reason LOGIN_THROTTLED (nothing is charged then), and those of the
  // counter.
  Task<absl::StatusOr<Guess>> Login(std::string handle, Network network,
                                    absl::Time now);
  // For a signed-in user who has to confirm the password.
  Task<absl::StatusOr<Guess>> Confirm(UserId account, absl::Time now);

 private:
  // A keyed hash, so that callers cannot provoke collisions and a copy of the
  // counts reveals neither handles nor addresses.
  std::uint64_t KeyOf(std::string_view limit, std::string_view account,
                      std::string_view network) const;
  Task<absl::StatusOr<Guess>> Charge(std::vector<GuessCharge> charges,
                                     std::uint64_t place, absl::Time now);
  bool Knows(std::uint64_t place) const;
  void Remember(std::uint64_t place);

  const Options options_;
  GuessCounter& counter_;
  const Store& store_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_set<std::uint64_t> known_places_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::domain
