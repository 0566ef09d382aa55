// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/db/feed_window.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "server/store/sqlite/db/page.h"

namespace pinhole::store {

bool ViewerTies::Follows(UserId user) const {
  return std::binary_search(followees.begin(), followees.end(), user);
}

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

FeedWindow::FeedWindow(std::vector<PhotoId> ids, std::uint64_t next_change)
    : ids_(std::move(ids)), next_change_(next_change) {
  if (ids_.size() >= static_cast<std::size_t>(kLength)) floor_ = ids_.back();
}

void FeedWindow::Follow(UserId viewer, const ViewerTies& ties,
                        const std::vector<FeedChange>& changes) {
  for (const FeedChange& change : changes) {
    ++next_change_;
    const bool own = change.owner == viewer;
    if (!own && !ties.Follows(change.owner)) continue;
    if (change.photo < floor_) continue;
    const auto place = std::lower_bound(ids_.begin(), ids_.end(), change.photo,
                                        std::greater());
    const bool there = place != ids_.end() && *place == change.photo;
    const bool belongs =
        !change.deleted && (own || change.visibility <= Visibility::kFollowers);
    if (belongs && !there) ids_.insert(place, change.photo);
    if (!belongs && there) ids_.erase(place);
  }
  if (ids_.size() >= 2 * static_cast<std::size_t>(kLength)) {
    ids_.resize(kLength);
    floor_ = ids_.back();
  }
}

std::optional<std::vector<PhotoId>> FeedWindow::Find(PageRequest page) const {
  const auto begin = std::upper_bound(ids_.begin(), ids_.end(),
                                      PhotoId{Below(page)}, std::greater());
  const auto rows = static_cast<std::ptrdiff_t>(RowsFor(page));
  if (ids_.end() - begin >= rows) return std::vector(begin, begin + rows);
  if (floor_) return std::nullopt;
  return std::vector(begin, ids_.end());
}

}  // namespace pinhole::store
