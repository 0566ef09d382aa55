// SPDX-License-Identifier: Apache-2.0

#include "server/domain/login_throttle.h"

#include <cstring>

#include "absl/status/status.h"
#include "base/errors.h"
#include "fmt/format.h"
#include "server/auth/token.h"

namespace pinhole::domain {
namespace {

constexpr RateLimiter::Options kPlace = {.interval = absl::Seconds(30),
                                         .burst = 10};
constexpr RateLimiter::Options kAccount = {.interval = absl::Seconds(10),
                                           .burst = 100};
constexpr RateLimiter::Options kNetwork = {.interval = absl::Seconds(5),
                                           .burst = 30};
constexpr RateLimiter::Options kOwner = kPlace;

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
  for (const auto& [limiter, key] : charges_) limiter->GiveBack(key);
}

void LoginThrottle::Guess::Right() {
  if (place_ != 0) throttle_->Remember(place_);
}

LoginThrottle::LoginThrottle(const Options& options)
    : options_(options),
      secret_(auth::RandomBytes(32)),
      places_(kPlace),
      accounts_(kAccount),
      networks_(kNetwork),
      owners_(kOwner) {}

absl::StatusOr<LoginThrottle::Guess> LoginThrottle::Login(
    std::string_view handle, Network network, absl::Time now) {
  const std::uint64_t account = KeyOf(handle, {});
  if (!network) return Charge({{&accounts_, account}}, now);
  const std::uint64_t place = KeyOf(handle, std::to_string(*network));
  // The tightest first: a guess that it refuses is not charged to the others,
  // so one address alone cannot exhaust an account's budget.
  Charges charges = {{&places_, place}, {&networks_, *network}};
  if (!Knows(place)) charges.emplace_back(&accounts_, account);
  absl::StatusOr<Guess> guess = Charge(charges, now);
  if (guess.ok()) guess->place_ = place;
  return guess;
}

absl::StatusOr<LoginThrottle::Guess> LoginThrottle::Confirm(UserId account,
                                                            absl::Time now) {
  return Charge({{&owners_, static_cast<std::uint64_t>(account.value)}}, now);
}

std::uint64_t LoginThrottle::KeyOf(std::string_view handle,
                                   std::string_view network) const {
  const std::string digest = auth::Digest({secret_, handle, network});
  std::uint64_t key = 0;
  std::memcpy(&key, digest.data(), sizeof(key));
  return key;
}

absl::StatusOr<LoginThrottle::Guess> LoginThrottle::Charge(
    const Charges& charges, absl::Time now) {
  Guess guess;
  guess.throttle_ = this;
  if (!options_.enabled) return guess;
  for (const auto& [limiter, key] : charges) {
    const absl::Duration delay = limiter->Take(key, now);
    if (delay > absl::ZeroDuration()) return TooManyGuesses(delay);
    guess.charges_.emplace_back(limiter, key);
  }
  return guess;
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
