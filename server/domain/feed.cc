// SPDX-License-Identifier: Apache-2.0

#include "server/domain/feed.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "server/model/limits.h"

namespace pinhole::domain {

FeedWatch::FeedWatch(Store& store, ThreadPool& read_pool,
                     FeedEvents::Watcher watcher, UserId viewer, PhotoId after,
                     absl::Duration look_again)
    : store_(store),
      read_pool_(read_pool),
      watcher_(std::move(watcher)),
      viewer_(viewer),
      after_(after),
      look_again_(look_again) {}

Task<absl::StatusOr<std::vector<Photo>>> FeedWatch::Next(std::stop_token stop) {
  if (!may_have_more_) co_await watcher_.Wait(look_again_, stop);
  if (stop.stop_requested()) {
    co_return MakeError(Reason::kCancelled, "the watch was stopped");
  }
  constexpr int kMost = limits::kDefaultPageSize;
  auto look = [this] { return store_.ListFeedSince(viewer_, after_, kMost); };
  CO_ASSIGN_OR_RETURN(std::vector<Photo> entries,
                      co_await RunOn(read_pool_, std::move(look)));
  may_have_more_ = entries.size() == static_cast<std::size_t>(kMost);
  if (!entries.empty()) after_ = entries.back().id;
  co_return entries;
}

Feed::Feed(Store& store, ThreadPool& read_pool, FeedEvents& events,
           Options options)
    : store_(store),
      read_pool_(read_pool),
      events_(events),
      options_(options) {}

Feed::Feed(Store& store, ThreadPool& read_pool, FeedEvents& events)
    : Feed(store, read_pool, events, Options()) {}

Task<absl::StatusOr<Page<Photo>>> Feed::List(UserId viewer, PageRequest page) {
  // An entry in memory is not worth a switch to another thread and back.
  if (auto page_in_memory = store_.PeekFeed(viewer, page)) {
    co_return *std::move(page_in_memory);
  }
  auto list = [this, viewer, page] { return store_.ListFeed(viewer, page); };
  co_return co_await RunOn(read_pool_, std::move(list));
}

absl::StatusOr<FeedWatch> Feed::Watch(UserId viewer, PhotoId after) {
  // Construct the watcher first, so that photos published from here on wake it.
  FeedEvents::Watcher watcher = events_.Watch();
  if (!after) {
    ASSIGN_OR_RETURN(after, store_.LatestPhoto());
  }
  return FeedWatch(store_, read_pool_, std::move(watcher), viewer, after,
                   options_.look_again);
}

}  // namespace pinhole::domain
