// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "server/store/sqlite/reads/reads.h"
#include "server/store/sqlite/tables/feed.h"
#include "server/store/sqlite/tables/photos.h"
#include "server/store/sqlite/tables/sessions.h"
#include "server/store/sqlite/tables/users.h"

namespace pinhole::store {

// Every read is a query.  Thread-safe.
class UncachedReads final : public Reads {
 public:
  absl::StatusOr<Session> FindSession(Connection& db,
                                      std::string_view token_hash,
                                      absl::Time now) override {
    return store::FindSession(db, token_hash, now);
  }
  absl::StatusOr<User> FindUser(Connection& db, UserId viewer,
                                UserId user) override {
    return store::FindUser(db, viewer, user);
  }
  absl::StatusOr<User> FindUser(Connection& db, UserId viewer,
                                std::string_view handle) override {
    return store::FindUser(db, viewer, handle);
  }
  absl::StatusOr<Photo> FindPhoto(Connection& db, UserId viewer,
                                  PhotoId photo) override {
    return store::FindPhoto(db, viewer, photo);
  }
  Page<Photo> ListFeed(Connection& db, UserId viewer,
                       PageRequest page) override {
    return store::ListFeed(db, viewer, page);
  }
};

}  // namespace pinhole::store
