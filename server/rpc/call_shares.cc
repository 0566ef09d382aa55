// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/call_shares.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"

namespace pinhole::rpc {
namespace {

bool Take(ConcurrencyLimiter& places, std::int64_t key, int most, Call& call) {
  std::optional<ConcurrencyLimiter::Slot> place = places.Take(key, most);
  if (!place) return false;
  call.places.push_back(*std::move(place));
  return true;
}

std::int64_t KeyOf(const ClientAddress& client) {
  return static_cast<std::int64_t>(client.network);
}

absl::Status TooManyCalls(int most, std::string_view whose) {
  constexpr absl::Duration kRetryDelay = absl::Seconds(1);
  return WithReason(
      WithRetryDelay(
          absl::ResourceExhaustedError(fmt::format(
              "{} calls from your {} are under way, the most at a time; try "
              "again when one of them has ended",
              most, whose)),
          kRetryDelay),
      "CONCURRENCY_LIMITED");
}

// Without a retry delay: there is a place when one of the others ends.
absl::Status TooManyWatches(int most, std::string_view whose) {
  return WithReason(
      absl::ResourceExhaustedError(fmt::format(
          "{} watches are open already{}; end one of them first", most, whose)),
      "TOO_MANY_WATCHES");
}

}  // namespace

absl::Status CallShares::Take(const Method& method, Call& call) {
  if (!IsOurs(method)) {
    return IsWatch(method) ? TakeForHealthWatch(call) : absl::OkStatus();
  }
  RETURN_IF_ERROR(TakeForCall(call));
  if (!IsWatch(method)) return absl::OkStatus();
  if (rpc::Take(user_watches_, call.caller.user.value, options_.user_watches,
                call)) {
    return absl::OkStatus();
  }
  return TooManyWatches(options_.user_watches, " with your account");
}

absl::Status CallShares::TakeForCall(Call& call) {
  if (call.client.local) return absl::OkStatus();
  if (!rpc::Take(addresses_, KeyOf(call.client), options_.per_address, call)) {
    return TooManyCalls(options_.per_address, "address");
  }
  const UserId user = call.caller.user;
  if (user && !rpc::Take(users_, user.value, options_.per_user, call)) {
    return TooManyCalls(options_.per_user, "account");
  }
  return absl::OkStatus();
}

absl::Status CallShares::TakeForHealthWatch(Call& call) {
  if (!call.client.local &&
      !rpc::Take(address_health_watches_, KeyOf(call.client),
                 options_.address_health_watches, call)) {
    return TooManyWatches(options_.address_health_watches,
                          " from your address");
  }
  if (!rpc::Take(health_watches_, 0, options_.health_watches, call)) {
    return TooManyWatches(options_.health_watches, "");
  }
  return absl::OkStatus();
}

}  // namespace pinhole::rpc
