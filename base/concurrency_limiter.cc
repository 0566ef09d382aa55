// SPDX-License-Identifier: Apache-2.0

#include "base/concurrency_limiter.h"

#include <utility>

namespace pinhole {

ConcurrencyLimiter::Slot::Slot(Slot&& other) noexcept
    : places_(std::exchange(other.places_, nullptr)), key_(other.key_) {}

ConcurrencyLimiter::Slot& ConcurrencyLimiter::Slot::operator=(
    Slot&& other) noexcept {
  // What this one held is given back when `other` goes.
  std::swap(places_, other.places_);
  std::swap(key_, other.key_);
  return *this;
}

ConcurrencyLimiter::Slot::~Slot() {
  if (places_ != nullptr) places_->Release(key_);
}

std::optional<ConcurrencyLimiter::Slot> ConcurrencyLimiter::Take(
    std::int64_t key, int most) {
  const absl::MutexLock lock(&mutex_);
  const auto taken = taken_.find(key);
  if ((taken == taken_.end() ? 0 : taken->second) >= most) return std::nullopt;
  ++taken_[key];
  return Slot(this, key);
}

void ConcurrencyLimiter::Release(std::int64_t key) {
  const absl::MutexLock lock(&mutex_);
  const auto taken = taken_.find(key);
  if (--taken->second == 0) taken_.erase(taken);
}

}  // namespace pinhole
