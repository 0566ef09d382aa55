// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/watches.h"

#include <utility>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "server/base/errors.h"

namespace pinhole::rpc {

Watches::Place::Place(Place&& other) noexcept
    : watches_(std::exchange(other.watches_, nullptr)), user_(other.user_) {}

Watches::Place::~Place() {
  if (watches_ != nullptr) watches_->End(user_);
}

absl::StatusOr<Watches::Place> Watches::Begin(UserId user) {
  const int most = user ? options_.per_user : options_.of_strangers;
  const absl::MutexLock lock(&mutex_);
  const auto count = under_way_.find(user.value);
  if ((count == under_way_.end() ? 0 : count->second) >= most) {
    // No retry delay: it ends when one of the others does.
    return WithReason(
        absl::ResourceExhaustedError(
            fmt::format("{} watches are open already{}; end one of them first",
                        most, user ? ", with your account" : "")),
        "TOO_MANY_WATCHES");
  }
  ++under_way_[user.value];
  return Place(this, user);
}

void Watches::End(UserId user) {
  const absl::MutexLock lock(&mutex_);
  const auto count = under_way_.find(user.value);
  if (--count->second == 0) under_way_.erase(count);
}

}  // namespace pinhole::rpc
