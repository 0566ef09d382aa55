// SPDX-License-Identifier: Apache-2.0

#include "base/places.h"

#include <utility>

namespace pinhole {

Places::Place::Place(Place&& other) noexcept
    : places_(std::exchange(other.places_, nullptr)), key_(other.key_) {}

Places::Place& Places::Place::operator=(Place&& other) noexcept {
  // What this one held is given back when `other` goes.
  std::swap(places_, other.places_);
  std::swap(key_, other.key_);
  return *this;
}

Places::Place::~Place() {
  if (places_ != nullptr) places_->GiveBack(key_);
}

std::optional<Places::Place> Places::Take(std::int64_t key, int most) {
  const absl::MutexLock lock(&mutex_);
  const auto taken = taken_.find(key);
  if ((taken == taken_.end() ? 0 : taken->second) >= most) return std::nullopt;
  ++taken_[key];
  return Place(this, key);
}

void Places::GiveBack(std::int64_t key) {
  const absl::MutexLock lock(&mutex_);
  const auto taken = taken_.find(key);
  if (--taken->second == 0) taken_.erase(taken);
}

}  // namespace pinhole
