// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/sqlite/db/changes.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/sqlite_stats.h"
#include "server/store/store.h"

namespace pinhole::store {

// The reads that a cache can answer.  Abstract because a store is opened either
// with caches (CachedReads) or without them (UncachedReads).  Thread-safe.
// Every method that takes a connection throws SQLite::Exception.
class Reads {
 public:
  virtual ~Reads() = default;

  virtual absl::StatusOr<Session> FindSession(Connection& db,
                                              std::string_view token_hash,
                                              absl::Time now) = 0;
  virtual absl::StatusOr<User> FindUser(Connection& db, UserId viewer,
                                        UserId user) = 0;
  virtual absl::StatusOr<User> FindUser(Connection& db, UserId viewer,
                                        std::string_view handle) = 0;
  virtual absl::StatusOr<Photo> FindPhoto(Connection& db, UserId viewer,
                                          PhotoId photo) = 0;
  virtual Page<Photo> ListFeed(Connection& db, UserId viewer,
                               PageRequest page) = 0;

  // Answer from memory only.  They take no connection, so they cannot wait for
  // one or for the disk.  Nothing if any part of the answer is not in memory.
  virtual std::optional<Session> PeekSession(std::string_view /*token_hash*/,
                                             absl::Time /*now*/) {
    return std::nullopt;
  }
  virtual std::optional<Page<Photo>> PeekFeed(UserId /*viewer*/,
                                              PageRequest /*page*/) {
    return std::nullopt;
  }

  // Must be called after the commit of `changes` and before any of its commands
  // is answered.
  virtual void Forget(const Changes& /*changes*/) {}

  virtual void AddTo(SqliteStats& /*stats*/) const {}
};

}  // namespace pinhole::store
