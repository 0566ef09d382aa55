// SPDX-License-Identifier: Apache-2.0

#include "server/domain/feed.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "server/model/limits.h"

namespace pinhole::domain {

FeedWatch::FeedWatch(Store& store, FeedEvents::Watcher watcher, UserId viewer,
                     PhotoId after, absl::Duration look_again)
    : store_(store),
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
  auto list = [this](const StoreReader& reader) {
    return reader.ListFeedSince(viewer_, after_, kMost);
  };
  CO_ASSIGN_OR_RETURN(std::vector<Photo> entries,
                      co_await store_.Scan(std::move(list)));
  may_have_more_ = entries.size() == static_cast<std::size_t>(kMost);
  if (!entries.empty()) after_ = entries.back().id;
  co_return entries;
}

Feed::Feed(Store& store, FeedEvents& events, Options options)
    : store_(store), events_(events), options_(options) {}

Feed::Feed(Store& store, FeedEvents& events) : Feed(store, events, Options()) {}

Task<absl::StatusOr<Page<Photo>>> Feed::List(UserId viewer, PageRequest page) {
  // An entry in memory is not worth a switch to another thread and back.
  if (auto page_in_memory = store_.PeekFeed(viewer, page)) {
    co_return *std::move(page_in_memory);
  }
  auto list = [viewer, page](const StoreReader& reader) {
    return reader.ListFeed(viewer, page);
  };
  co_return co_await store_.Scan(std::move(list));
}

Task<absl::StatusOr<FeedWatch>> Feed::Watch(UserId viewer, PhotoId after) {
  // Construct the watcher first, so that photos published from here on wake it.
  FeedEvents::Watcher watcher = events_.Watch();
  if (!after) {
    auto look = [](const StoreReader& reader) { return reader.LatestPhoto(); };
    CO_ASSIGN_OR_RETURN(after, co_await store_.Look(std::move(look)));
  }
  co_return FeedWatch(store_, std::move(watcher), viewer, after,
                      options_.look_again);
}

}  // namespace pinhole::domain
