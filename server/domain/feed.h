// SPDX-License-Identifier: Apache-2.0

// The feed: a user's own photos and those of the users they follow, newest
// first.

#pragma once

#include <stop_token>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/async/task.h"
#include "server/domain/feed_events.h"
#include "server/model/ids.h"
#include "server/model/photo.h"
#include "server/store/store.h"

namespace pinhole::domain {

// Watches one viewer's feed: returns every new entry once, in order.  Used by
// one coroutine at a time.
class FeedWatch {
 public:
  // Waits for entries and returns them, oldest first.  Returns none after a
  // while without entries, so that the caller can check that the viewer is
  // still signed in.  Errors: CANCELLED (`stop` was requested).
  Task<absl::StatusOr<std::vector<Photo>>> Next(std::stop_token stop);

 private:
  friend class Feed;
  FeedWatch(Store& store, FeedEvents::Watcher watcher, UserId viewer,
            PhotoId after, absl::Duration look_again);

  Store& store_;
  FeedEvents::Watcher watcher_;
  UserId viewer_;
  PhotoId after_;
  absl::Duration look_again_;
  bool may_have_more_ = true;  // Read before waiting.
};

// Thread-safe.
class Feed {
 public:
  struct Options {
    // Longest wait of a watch before it reads again; bounds the delay of photos
    // that other processes publish.
    absl::Duration look_again = absl::Seconds(10);
  };

  // The references must outlive this object and its watches.
  Feed(Store& store, FeedEvents& events, Options options);
  Feed(Store& store, FeedEvents& events);

  Task<absl::StatusOr<Page<Photo>>> List(UserId viewer, PageRequest page);

  // Watches for entries after `after`, or for entries from now on if `after` is
  // 0.
  Task<absl::StatusOr<FeedWatch>> Watch(UserId viewer, PhotoId after);

 private:
  Store& store_;
  FeedEvents& events_;
  const Options options_;
};

}  // namespace pinhole::domain
