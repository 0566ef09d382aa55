// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/rate_limits.h"

#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/errors.h"
#include "fmt/format.h"

namespace pinhole::rpc {
namespace {

constexpr double kBurstSeconds = 10;

void Make(double rate, std::optional<RateLimiter>& limiter) {
  if (rate <= 0) return;
  limiter.emplace(RateLimiter::Options{
      .interval = absl::Seconds(1 / rate),
      .burst = static_cast<std::int64_t>(std::ceil(rate * kBurstSeconds))});
}

absl::Status TooOften(std::string_view who, double rate, absl::Duration delay) {
  // Clients get whole milliseconds, and a delay must not become zero.
  delay = absl::Ceil(delay, absl::Milliseconds(1));
  return WithRetryDelay(
      MakeError(Reason::kRateLimited,
                fmt::format("your {1} exceeds the limit of {0:g} "
                            "calls per second; retry in {2}",
                            rate, who, absl::FormatDuration(delay))),
      delay);
}

}  // namespace

RateLimits::RateLimits(const Options& options) : options_(options) {
  Make(options.per_user, users_);
  Make(options.per_address, addresses_);
}

absl::Status RateLimits::TakeForAddress(const ClientAddress& client,
                                        absl::Time now) {
  if (!addresses_ || client.local) return absl::OkStatus();
  const absl::Duration delay = addresses_->Take(client.network, now);
  if (delay == absl::ZeroDuration()) return absl::OkStatus();
  return TooOften("address", options_.per_address, delay);
}

absl::Status RateLimits::TakeForUser(const ClientAddress& client, UserId user,
                                     absl::Time now) {
  if (!users_ || client.local || !user) return absl::OkStatus();
  const absl::Duration delay =
      users_->Take(static_cast<std::uint64_t>(user.value), now);
  if (delay == absl::ZeroDuration()) return absl::OkStatus();
  return TooOften("account", options_.per_user, delay);
}

}  // namespace pinhole::rpc
