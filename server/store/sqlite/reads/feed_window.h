// SPDX-License-Identifier: Apache-2.0

// The newest part of a viewer's feed, kept up to date in memory.
//
// A window is what one query found, and is then carried forward with the
// changes that came since: a photo of somebody the viewer follows is put in, a
// deleted one taken out.  So a page costs neither a look at each followed
// person nor, as fan-out on write would, a row for each follower.

#ifndef PINHOLE_SERVER_STORE_SQLITE_READS_FEED_WINDOW_H_
#define PINHOLE_SERVER_STORE_SQLITE_READS_FEED_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "server/model/ids.h"
#include "server/store/sqlite/db/changes.h"
#include "server/store/sqlite/db/viewer_ties.h"
#include "server/store/store.h"

namespace pinhole::store {

// Photo ids of a viewer's feed, all that there are above `floor()`.
class FeedWindow {
 public:
  // How many ids the query for a window asks for: some pages.
  static constexpr int kLength = 120;

  // `ids` is what the query found, newest first, with the changes before
  // `next_change` and perhaps later ones.
  FeedWindow(std::vector<PhotoId> ids, std::uint64_t next_change);

  // The number of the first change that is not in the window.
  std::uint64_t next_change() const { return next_change_; }
  // Carries the window forward by the changes from `next_change()` on.
  void Follow(UserId viewer, const ViewerTies& ties,
              const std::vector<FeedChange>& changes);

  // The ids of a page and one more, if there is one; nothing if the page
  // reaches below the window.
  std::optional<std::vector<PhotoId>> Find(PageRequest page) const;

  std::size_t bytes() const { return ids_.capacity() * sizeof(PhotoId); }

 private:
  std::vector<PhotoId> ids_;  // Newest first.
  PhotoId floor_;             // None: the window is the whole feed.
  std::uint64_t next_change_;
};

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_READS_FEED_WINDOW_H_
