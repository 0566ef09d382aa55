// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/reads/feed_window.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "server/store/sqlite/db/page.h"

namespace pinhole::store {

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
