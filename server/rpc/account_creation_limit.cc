// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/account_creation_limit.h"

#include <cmath>
#include <cstdint>

#include "base/errors.h"
#include "fmt/format.h"

namespace pinhole::rpc {

AccountCreationLimit::AccountCreationLimit(double per_hour)
    : per_hour_(per_hour) {
  if (per_hour <= 0) return;
  addresses_.emplace(RateLimiter::Options{
      .interval = absl::Hours(1 / per_hour),
      .burst = static_cast<std::int64_t>(std::ceil(per_hour))});
}

absl::Status AccountCreationLimit::Take(const ClientAddress& client,
                                        absl::Time now) {
  if (!addresses_ || client.local) return absl::OkStatus();
  const absl::Duration left = addresses_->Take(client.network, now);
  if (left == absl::ZeroDuration()) return absl::OkStatus();
  const absl::Duration delay = absl::Ceil(left, absl::Seconds(1));
  return WithRetryDelay(
      MakeError(Reason::kTooManyAccounts,
                fmt::format("your address has created {:g} accounts within an "
                            "hour, the maximum; retry in {}",
                            per_hour_, absl::FormatDuration(delay))),
      delay);
}

void AccountCreationLimit::GiveBack(const ClientAddress& client) {
  if (addresses_ && !client.local) addresses_->GiveBack(client.network);
}

}  // namespace pinhole::rpc
