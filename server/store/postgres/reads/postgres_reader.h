// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/store.h"

namespace pinhole::postgres {

// The reads of the store, over one connection.  Each is one statement, which
// sees one consistent state, except the feed, which is two in one snapshot.
// Nothing is cached.  For one thread at a time, as the connection.
//
// Errors of all calls: also those of the connection (db/postgres_error.h).
class PostgresReader final {
 public:
  // Both must outlive the reader.  On a connection of kind kReader, call
  // `FixPlans` (fixed_plans.h) first.
  PostgresReader(Connection& connection, const Clock& clock)
      : db_(connection), clock_(clock) {}

  absl::StatusOr<User> FindUser(UserId viewer, UserId user) const;
  absl::StatusOr<User> FindUser(UserId viewer, std::string_view handle) const;
  absl::StatusOr<std::vector<User>> SearchUsers(UserId viewer,
                                                std::string_view prefix,
                                                std::string_view after,
                                                int limit) const;
  absl::StatusOr<Credentials> FindCredentials(std::string_view handle) const;
  absl::StatusOr<Credentials> FindCredentials(UserId user) const;
  absl::StatusOr<std::vector<std::string>> ListAdministrators() const;
  absl::StatusOr<Page<Removal>> ListRemovals(PageRequest page) const;
  absl::StatusOr<Session> FindSession(std::string_view token_hash) const;
  absl::StatusOr<Page<Session>> ListSessions(UserId user,
                                             PageRequest page) const;
  absl::StatusOr<Photo> FindPhoto(UserId viewer, PhotoId photo) const;
  absl::StatusOr<Page<Photo>> ListPhotos(UserId viewer, UserId owner,
                                         PageRequest page) const;
  absl::StatusOr<Page<Photo>> ListRecentPhotos(UserId viewer,
                                               PageRequest page) const;
  absl::StatusOr<Page<Photo>> ListFeed(UserId viewer, PageRequest page) const;
  absl::StatusOr<std::vector<Photo>> ListFeedSince(UserId viewer, PhotoId after,
                                                   int limit) const;
  absl::StatusOr<PhotoId> LatestPhoto() const;
  absl::StatusOr<Page<User>> ListFollowers(UserId viewer, UserId user,
                                           PageRequest page) const;
  absl::StatusOr<Page<User>> ListFollowing(UserId viewer, UserId user,
                                           PageRequest page) const;
  absl::StatusOr<Page<Like>> ListLikes(UserId viewer, PhotoId photo,
                                       PageRequest page) const;
  absl::StatusOr<Page<Comment>> ListComments(UserId viewer, PhotoId photo,
                                             PageRequest page) const;
  absl::StatusOr<Page<std::string>> ListBlocks(UserId user,
                                               PageRequest page) const;
  absl::StatusOr<Page<Notification>> ListNotifications(UserId user,
                                                       PageRequest page) const;
  absl::StatusOr<std::int64_t> FindRequest(const RequestKey& request) const;
  absl::StatusOr<bool> HasFileKey(std::string_view file_key) const;
  absl::StatusOr<std::vector<std::string>> ListGarbage(int limit) const;
  absl::StatusOr<std::vector<Photo>> ListOutdated(std::int32_t version,
                                                  int limit) const;
  absl::StatusOr<std::int64_t> CountOutdated(std::int32_t version) const;

 private:
  Connection& db_;
  const Clock& clock_;
};

}  // namespace pinhole::postgres
