// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/async/blocking_executor.h"
#include "server/store/store.h"

namespace pinhole::testing {

// Reads a store on the calling thread.
class BlockingReader final : public StoreReader {
 public:
  // `store` must outlive this object.
  explicit BlockingReader(Store& store) : store_(store) {}

  absl::StatusOr<User> FindUser(UserId viewer, UserId user) const override {
    return Read([&](const StoreReader& reader) {
      return reader.FindUser(viewer, user);
    });
  }
  absl::StatusOr<User> FindUser(UserId viewer,
                                std::string_view handle) const override {
    return Read([&](const StoreReader& reader) {
      return reader.FindUser(viewer, handle);
    });
  }
  absl::StatusOr<std::vector<User>> SearchUsers(UserId viewer,
                                                std::string_view prefix,
                                                std::string_view after,
                                                int limit) const override {
    return Read([&](const StoreReader& reader) {
      return reader.SearchUsers(viewer, prefix, after, limit);
    });
  }
  absl::StatusOr<Credentials> FindCredentials(
      std::string_view handle) const override {
    return Read([&](const StoreReader& reader) {
      return reader.FindCredentials(handle);
    });
  }
  absl::StatusOr<Credentials> FindCredentials(UserId user) const override {
    return Read([&](const StoreReader& reader) {
      return reader.FindCredentials(user);
    });
  }
  absl::StatusOr<std::vector<std::string>> ListAdministrators() const override {
    return Read(
        [&](const StoreReader& reader) { return reader.ListAdministrators(); });
  }
  absl::StatusOr<Page<Removal>> ListRemovals(PageRequest page) const override {
    return Read(
        [&](const StoreReader& reader) { return reader.ListRemovals(page); });
  }
  absl::StatusOr<Session> FindSession(
      std::string_view token_hash) const override {
    return Read([&](const StoreReader& reader) {
      return reader.FindSession(token_hash);
    });
  }
  absl::StatusOr<Page<Session>> ListSessions(UserId user,
                                             PageRequest page) const override {
    return Read([&](const StoreReader& reader) {
      return reader.ListSessions(user, page);
    });
  }
  absl::StatusOr<Photo> FindPhoto(UserId viewer, PhotoId photo) const override {
    return Read([&](const StoreReader& reader) {
      return reader.FindPhoto(viewer, photo);
    });
  }
  absl::StatusOr<Page<Photo>> ListPhotos(UserId viewer, UserId owner,
                                         PageRequest page) const override {
    return Read([&](const StoreReader& reader) {
      return reader.ListPhotos(viewer, owner, page);
    });
  }
  absl::StatusOr<Page<Photo>> ListRecentPhotos(
      UserId viewer, PageRequest page) const override {
    return Read([&](const StoreReader& reader) {
      return reader.ListRecentPhotos(viewer, page);
    });
  }
  absl::StatusOr<Page<Photo>> ListFeed(UserId viewer,
                                       PageRequest page) const override {
    return Read([&](const StoreReader& reader) {
      return reader.ListFeed(viewer, page);
    });
  }
  absl::StatusOr<std::vector<Photo>> ListFeedSince(UserId viewer, PhotoId after,
                                                   int limit) const override {
    return Read([&](const StoreReader& reader) {
      return reader.ListFeedSince(viewer, after, limit);
    });
  }
  absl::StatusOr<PhotoId> LatestPhoto() const override {
    return Read(
        [&](const StoreReader& reader) { return reader.LatestPhoto(); });
  }
  absl::StatusOr<Page<User>> ListFollowers(UserId viewer, UserId user,
                                           PageRequest page) const override {
    return Read([&](const StoreReader& reader) {
      return reader.ListFollowers(viewer, user, page);
    });
  }
  absl::StatusOr<Page<User>> ListFollowing(UserId viewer, UserId user,
                                           PageRequest page) const override {
    return Read([&](const StoreReader& reader) {
      return reader.ListFollowing(viewer, user, page);
    });
  }
  absl::StatusOr<Page<Like>> ListLikes(UserId viewer, PhotoId photo,
                                       PageRequest page) const override {
    return Read([&](const StoreReader& reader) {
      return reader.ListLikes(viewer, photo, page);
    });
  }
  absl::StatusOr<Page<Comment>> ListComments(UserId viewer, PhotoId photo,
                                             PageRequest page) const override {
    return Read([&](const StoreReader& reader) {
      return reader.ListComments(viewer, photo, page);
    });
  }
  absl::StatusOr<Page<std::string>> ListBlocks(
      UserId user, PageRequest page) const override {
    return Read([&](const StoreReader& reader) {
      return reader.ListBlocks(user, page);
    });
  }
  absl::StatusOr<Page<Notification>> ListNotifications(
      UserId user, PageRequest page) const override {
    return Read([&](const StoreReader& reader) {
      return reader.ListNotifications(user, page);
    });
  }
  absl::StatusOr<std::int64_t> FindRequest(
      const RequestKey& request) const override {
    return Read(
        [&](const StoreReader& reader) { return reader.FindRequest(request); });
  }
  absl::StatusOr<bool> HasFileKey(std::string_view file_key) const override {
    return Read(
        [&](const StoreReader& reader) { return reader.HasFileKey(file_key); });
  }
  absl::StatusOr<std::vector<std::string>> ListGarbage(
      int limit) const override {
    return Read(
        [&](const StoreReader& reader) { return reader.ListGarbage(limit); });
  }
  absl::StatusOr<std::vector<Photo>> ListOutdated(std::int32_t version,
                                                  int limit) const override {
    return Read([&](const StoreReader& reader) {
      return reader.ListOutdated(version, limit);
    });
  }
  absl::StatusOr<std::int64_t> CountOutdated(
      std::int32_t version) const override {
    return Read([&](const StoreReader& reader) {
      return reader.CountOutdated(version);
    });
  }

 private:
  template <typename Work>
  std::invoke_result_t<Work&, const StoreReader&> Read(Work work) const {
    return BlockingExecutor().Run(store_.Look(std::move(work)));
  }

  Store& store_;
};

}  // namespace pinhole::testing
