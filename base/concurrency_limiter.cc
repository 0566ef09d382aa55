// SPDX-License-Identifier: Apache-2.0

#include "base/concurrency_limiter.h"

#include <utility>

namespace pinhole {

ConcurrencyLimiter::Slot::Slot(Slot&& other) noexcept
    : limiter_(std::exchange(other.limiter_, nullptr)), key_(other.key_) {}

ConcurrencyLimiter::Slot& ConcurrencyLimiter::Slot::operator=(
    Slot&& other) noexcept {
  // The destructor of `other` releases the slot that this object held.
  std::swap(limiter_, other.limiter_);
  std::swap(key_, other.key_);
  return *this;
}

ConcurrencyLimiter::Slot::~Slot() {
  if (limiter_ != nullptr) limiter_->Release(key_);
}

std::optional<ConcurrencyLimiter::Slot> ConcurrencyLimiter::Take(
    std::int64_t key, int limit) {
  const absl::MutexLock lock(&mutex_);
  const auto taken = taken_.find(key);
  if ((taken == taken_.end() ? 0 : taken->second) >= limit) return std::nullopt;
  ++taken_[key];
  return Slot(this, key);
}

void ConcurrencyLimiter::Release(std::int64_t key) {
  const absl::MutexLock lock(&mutex_);
  const auto taken = taken_.find(key);
  if (--taken->second == 0) taken_.erase(taken);
}

}  // namespace pinhole
