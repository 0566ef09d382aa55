// SPDX-License-Identifier: Apache-2.0

// The newest part of a viewer's feed, kept up to date in memory.
//
// A window is what one query found, and is then carried forward with the
// changes that came since: a photo of somebody the viewer follows is put in, a
// deleted one taken out.  So a page costs neither a look at each followed
// person nor, as fan-out on write would, a row for each follower.

#ifndef PINHOLE_SERVER_STORE_SQLITE_DB_FEED_WINDOW_H_
#define PINHOLE_SERVER_STORE_SQLITE_DB_FEED_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/model/ids.h"
#include "server/store/changes.h"
#include "server/store/store.h"

namespace pinhole::store {

// What a viewer has to do with other users.
struct ViewerTies {
  std::vector<UserId> followees;  // Ascending.
  bool has_blocks = false;        // Somebody is kept apart from the viewer.

  bool Follows(UserId user) const;
};

// The latest changes of feeds, in the order of their commits.  Thread-safe.
class FeedLog {
 public:
  // How many changes are kept: looking through them all still costs less than
  // the query that makes a window.
  static constexpr std::size_t kLength = 1024;

  void Append(const std::vector<FeedChange>& changes);

  // The number of changes so far.
  std::uint64_t end() const;
  // Those from the number `begin` on; nothing if they are not all kept any
  // more.
  std::optional<std::vector<FeedChange>> Since(std::uint64_t begin) const;

 private:
  mutable absl::Mutex mutex_;
  // Change number n is at n % kLength.
  std::vector<FeedChange> ring_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t end_ ABSL_GUARDED_BY(mutex_) = 0;
};

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

#endif  // PINHOLE_SERVER_STORE_SQLITE_DB_FEED_WINDOW_H_
