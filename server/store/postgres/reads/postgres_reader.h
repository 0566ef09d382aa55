// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/store_reader.h"

namespace pinhole::postgres {

// The reads of the store, over one connection.  Each is one statement, which
// sees one consistent state, except the feed, which is two in one snapshot.
// Nothing is cached.  For one thread at a time, as the connection, whose errors
// all calls return (db/postgres_error.h).
class PostgresReader final : public StoreReader {
 public:
  // Both must outlive the reader.  On a connection of kind kReader, call
  // `FixPlans` (fixed_plans.h) first.
  PostgresReader(Connection& connection, const Clock& clock)
      : db_(connection), clock_(clock) {}

  // For statements that are not reads.
  Connection& connection() const { return db_; }

  absl::StatusOr<User> FindUser(UserId viewer, UserId user) const override;
  absl::StatusOr<User> FindUser(UserId viewer,
                                std::string_view handle) const override;
  absl::StatusOr<std::vector<User>> SearchUsers(UserId viewer,
                                                std::string_view prefix,
                                                std::string_view after,
                                                int limit) const override;
  absl::StatusOr<Credentials> FindCredentials(
      std::string_view handle) const override;
  absl::StatusOr<Credentials> FindCredentials(UserId user) const override;
  absl::StatusOr<std::vector<std::string>> ListAdministrators() const override;
  absl::StatusOr<Page<Removal>> ListRemovals(PageRequest page) const override;
  absl::StatusOr<Session> FindSession(
      std::string_view token_hash) const override;
  absl::StatusOr<Page<Session>> ListSessions(UserId user,
                                             PageRequest page) const override;
  absl::StatusOr<Photo> FindPhoto(UserId viewer, PhotoId photo) const override;
  absl::StatusOr<Page<Photo>> ListPhotos(UserId viewer, UserId owner,
                                         PageRequest page) const override;
  absl::StatusOr<Page<Photo>> ListRecentPhotos(UserId viewer,
                                               PageRequest page) const override;
  absl::StatusOr<Page<Photo>> ListFeed(UserId viewer,
                                       PageRequest page) const override;
  absl::StatusOr<std::vector<Photo>> ListFeedSince(UserId viewer, PhotoId after,
                                                   int limit) const override;
  absl::StatusOr<PhotoId> LatestPhoto() const override;
  absl::StatusOr<Page<User>> ListFollowers(UserId viewer, UserId user,
                                           PageRequest page) const override;
  absl::StatusOr<Page<User>> ListFollowing(UserId viewer, UserId user,
                                           PageRequest page) const override;
  absl::StatusOr<Page<Like>> ListLikes(UserId viewer, PhotoId photo,
                                       PageRequest page) const override;
  absl::StatusOr<Page<Comment>> ListComments(UserId viewer, PhotoId photo,
                                             PageRequest page) const override;
  absl::StatusOr<Page<std::string>> ListBlocks(UserId user,
                                               PageRequest page) const override;
  absl::StatusOr<Page<Notification>> ListNotifications(
      UserId user, PageRequest page) const override;
  absl::StatusOr<std::int64_t> FindRequest(
      const RequestKey& request) const override;
  absl::StatusOr<bool> HasFileKey(std::string_view file_key) const override;
  absl::StatusOr<std::vector<std::string>> ListGarbage(
      int limit) const override;
  absl::StatusOr<std::vector<Photo>> ListOutdated(std::int32_t version,
                                                  int limit) const override;
  absl::StatusOr<std::int64_t> CountOutdated(
      std::int32_t version) const override;

 private:
  Connection& db_;
  const Clock& clock_;
};

}  // namespace pinhole::postgres
