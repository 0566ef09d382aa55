// SPDX-License-Identifier: Apache-2.0

#include "server/domain/login_throttle.h"

#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/auth/token.h"

namespace pinhole::domain {
namespace {

constexpr std::size_t kMaxKnownPlaces = 65'536;

absl::Status TooManyGuesses(absl::Duration delay) {
  delay = absl::Ceil(delay, absl::Seconds(1));
  return WithRetryDelay(
      MakeError(Reason::kLoginThrottled,
                fmt::format("too many wrong passwords; try again in {}",
                            absl::FormatDuration(delay))),
      delay);
}

}  // namespace

LoginThrottle::Guess::~Guess() {
  if (!charges_.empty()) throttle_->counter_.Refund(std::move(charges_));
}

void LoginThrottle::Guess::Right() {
  if (place_ != 0) throttle_->Remember(place_);
}

LoginThrottle::LoginThrottle(GuessCounter& counter, const Store& store,
                             const Options& options)
    : options_(options), counter_(counter), store_(store) {}

Task<absl::StatusOr<LoginThrottle::Guess>> LoginThrottle::Login(
    std::string handle, Network network, absl::Time now) {
  const GuessCharge account = {GuessLimit::kAccount,
                               KeyOf("account", handle, {})};
  std::vector<GuessCharge> charges;
  std::uint64_t place = 0;
  if (network) {
    const std::string address = std::to_string(*network);
    place = KeyOf("place", handle, address);
    // The tightest first: a guess that it refuses is not charged to the others,
    // so one address alone cannot exhaust an account's budget.
    charges = {{GuessLimit::kPlace, place},
               {GuessLimit::kNetwork, KeyOf("network", {}, address)}};
    if (!Knows(place)) charges.push_back(account);
  } else {
    charges = {account};
  }
  co_return co_await Charge(std::move(charges), place, now);
}

Task<absl::StatusOr<LoginThrottle::Guess>> LoginThrottle::Confirm(
    UserId account, absl::Time now) {
  std::vector<GuessCharge> charges;
  charges.push_back(
      {GuessLimit::kOwner, KeyOf("owner", std::to_string(account.value), {})});
  co_return co_await Charge(std::move(charges), 0, now);
}

std::uint64_t LoginThrottle::KeyOf(std::string_view limit,
                                   std::string_view account,
                                   std::string_view network) const {
  const std::string digest = auth::Digest(
      {"password guesses", store_.secret(), limit, account, network});
  std::uint64_t key = 0;
  std::memcpy(&key, digest.data(), sizeof(key));
  return key;
}

Task<absl::StatusOr<LoginThrottle::Guess>> LoginThrottle::Charge(
    std::vector<GuessCharge> charges, std::uint64_t place, absl::Time now) {
  Guess guess;
  guess.throttle_ = this;
  guess.place_ = place;
  if (options_.enabled) {
    std::vector<GuessCharge> charged = charges;
    CO_ASSIGN_OR_RETURN(const absl::Duration delay,
                        co_await counter_.Charge(std::move(charged), now));
    if (delay > absl::ZeroDuration()) co_return TooManyGuesses(delay);
    guess.charges_ = std::move(charges);
  }
  co_return guess;
}

bool LoginThrottle::Knows(std::uint64_t place) const {
  const absl::MutexLock lock(&mutex_);
  return known_places_.contains(place);
}

void LoginThrottle::Remember(std::uint64_t place) {
  const absl::MutexLock lock(&mutex_);
  if (known_places_.size() >= kMaxKnownPlaces &&
      !known_places_.contains(place)) {
    known_places_.erase(known_places_.begin());  // Any entry will do.
  }
  known_places_.insert(place);
}

}  // namespace pinhole::domain
