// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/concurrency_limits.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "base/errors.h"
#include "fmt/format.h"

namespace pinhole::rpc {
namespace {

bool Take(ConcurrencyLimiter& limiter, std::int64_t key, int most, Call& call) {
  std::optional<ConcurrencyLimiter::Slot> slot = limiter.Take(key, most);
  if (!slot) return false;
  call.slots.push_back(*std::move(slot));
  return true;
}

std::int64_t KeyOf(const ClientAddress& client) {
  return static_cast<std::int64_t>(client.network);
}

absl::Status TooManyCalls(int most, std::string_view whose) {
  constexpr absl::Duration kRetryDelay = absl::Seconds(1);
  return WithRetryDelay(
      MakeError(
          Reason::kConcurrencyLimited,
          fmt::format(
              "your {1} has {0} calls in progress, the maximum; retry when one "
              "of them has ended",
              most, whose)),
      kRetryDelay);
}

// Without a retry delay: a watch can last for any time.
absl::Status TooManyWatches(int most, std::string_view whose) {
  return MakeError(
      Reason::kTooManyWatches,
      fmt::format("{} watches are open{}, the maximum; end one of them first",
                  most, whose));
}

}  // namespace

absl::Status ConcurrencyLimits::TakeForAddress(const Method& method,
                                               Call& call) {
  if (!IsOurs(method)) {
    return IsWatch(method) ? TakeForHealthWatch(call) : absl::OkStatus();
  }
  if (call.client.local ||
      Take(addresses_, KeyOf(call.client), options_.per_address, call)) {
    return absl::OkStatus();
  }
  return TooManyCalls(options_.per_address, "address");
}

absl::Status ConcurrencyLimits::TakeForUser(const Method& method, Call& call) {
  const UserId user = call.caller.user;
  if (user && !call.client.local &&
      !Take(users_, user.value, options_.per_user, call)) {
    return TooManyCalls(options_.per_user, "account");
  }
  if (IsWatch(method) &&
      !Take(user_watches_, user.value, options_.user_watches, call)) {
    return TooManyWatches(options_.user_watches, " with your account");
  }
  return absl::OkStatus();
}

absl::Status ConcurrencyLimits::TakeForHealthWatch(Call& call) {
  if (!call.client.local && !Take(address_health_watches_, KeyOf(call.client),
                                  options_.address_health_watches, call)) {
    return TooManyWatches(options_.address_health_watches,
                          " from your address");
  }
  if (!Take(health_watches_, 0, options_.health_watches, call)) {
    return TooManyWatches(options_.health_watches, "");
  }
  return absl::OkStatus();
}

}  // namespace pinhole::rpc
