// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/reads/feed_log.h"

namespace pinhole::store {

void FeedLog::Append(const std::vector<FeedChange>& changes) {
  if (changes.empty()) return;
  const absl::MutexLock lock(&mutex_);
  for (const FeedChange& change : changes) {
    if (ring_.size() < kLength) {
      ring_.push_back(change);
    } else {
      ring_[end_ % kLength] = change;
    }
    ++end_;
  }
}

std::uint64_t FeedLog::end() const {
  const absl::ReaderMutexLock lock(&mutex_);
  return end_;
}

std::optional<std::vector<FeedChange>> FeedLog::Since(
    std::uint64_t begin) const {
  const absl::ReaderMutexLock lock(&mutex_);
  if (end_ - begin > kLength) return std::nullopt;
  std::vector<FeedChange> changes;
  changes.reserve(static_cast<std::size_t>(end_ - begin));
  for (std::uint64_t n = begin; n < end_; ++n) {
    changes.push_back(ring_[n % kLength]);
  }
  return changes;
}

}  // namespace pinhole::store
