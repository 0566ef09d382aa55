// SPDX-License-Identifier: Apache-2.0

#include "base/rate_limiter.h"

#include <algorithm>

namespace pinhole {

RateLimiter::RateLimiter(const Options& options)
    : interval_(std::max<std::int64_t>(
          1, absl::ToInt64Nanoseconds(options.interval))),
      capacity_(interval_ * std::max<std::int64_t>(1, options.burst)),
      max_keys_(std::max<std::size_t>(1, options.max_keys)) {}

absl::Duration RateLimiter::Take(std::uint64_t key, absl::Time now) {
  const std::int64_t at = absl::ToUnixNanos(now);
  const absl::MutexLock lock(&mutex_);
  auto bucket = full_at_.find(key);
  if (bucket == full_at_.end()) {
    if (full_at_.size() >= max_keys_) MakeRoom(at);
    bucket = full_at_.emplace(key, at).first;
  }
  // A later time means that the clock was set back.
  bucket->second = std::clamp(bucket->second, at, at + capacity_);
  const std::int64_t full_at = bucket->second + interval_;
  if (full_at > at + capacity_) {
    return absl::Nanoseconds(full_at - at - capacity_);
  }
  bucket->second = full_at;
  return absl::ZeroDuration();
}

void RateLimiter::GiveBack(std::uint64_t key) {
  const absl::MutexLock lock(&mutex_);
  const auto bucket = full_at_.find(key);
  // Any time in the past means that the bucket is full.
  if (bucket != full_at_.end()) bucket->second -= interval_;
}

std::size_t RateLimiter::size() const {
  const absl::MutexLock lock(&mutex_);
  return full_at_.size();
}

void RateLimiter::MakeRoom(std::int64_t now) {
  absl::erase_if(full_at_,
                 [now](const auto& bucket) { return bucket.second <= now; });
  // Removes at least an eighth at a time, so that a flood of new keys does not
  // cause a scan of the whole table for each of them.  The table's order is
  // pseudo-random.
  const std::size_t room = std::max<std::size_t>(max_keys_ / 8, 1);
  for (auto bucket = full_at_.begin(); full_at_.size() + room > max_keys_;) {
    full_at_.erase(bucket++);
  }
}

}  // namespace pinhole
