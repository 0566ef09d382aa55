// SPDX-License-Identifier: Apache-2.0

// The newest part of a viewer's feed, kept up to date in memory.
//
// A window is the result of one query, updated with the changes since: new
// photos of followed users are added, deleted ones removed.  A page needs
// neither a query per followed user nor, as with fan-out on write, a row per
// follower.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "server/model/ids.h"
#include "server/store/sqlite/db/changes.h"
#include "server/store/sqlite/db/viewer_ties.h"
#include "server/store/store.h"

namespace pinhole::store {

// The photo ids of a viewer's feed from a lower bound on, without gaps.
class FeedWindow {
 public:
  // The number of ids that the query for a window selects: a few pages.
  static constexpr int kLength = 120;

  // `ids` is the result of the query, newest first, which includes the changes
  // before `next_change` and possibly later ones.
  FeedWindow(std::vector<PhotoId> ids, std::uint64_t next_change);

  // The number of the first change that was not applied to the window.
  std::uint64_t next_change() const { return next_change_; }
  // Applies the changes from `next_change()` on.
  void Follow(UserId viewer, const ViewerTies& ties,
              const std::vector<FeedChange>& changes);

  // The ids of a page and one more, if there is one; nothing if the page
  // extends beyond the window.
  std::optional<std::vector<PhotoId>> Find(PageRequest page) const;

  std::size_t bytes() const { return ids_.capacity() * sizeof(PhotoId); }

 private:
  std::vector<PhotoId> ids_;  // Newest first.
  PhotoId floor_;             // None: the window is the whole feed.
  std::uint64_t next_change_;
};

}  // namespace pinhole::store
