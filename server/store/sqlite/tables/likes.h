// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/write_transaction.h"
#include "server/store/store.h"

namespace pinhole::store {

absl::StatusOr<Page<Like>> ListLikes(Connection& db, UserId viewer,
                                     PhotoId photo, PageRequest page);

bool Likes(Connection& db, UserId user, PhotoId photo);
// The newest `limit` photos that a user likes, newest first.
std::vector<PhotoId> ListLikedIds(Connection& db, UserId user, int limit);
// Sets `liked` for `user`.
void MarkLiked(Connection& db, UserId user, std::vector<Photo>& photos);

absl::StatusOr<LikeState> Apply(WriteTransaction&, const LikePhoto&);
absl::StatusOr<LikeState> Apply(WriteTransaction&, const UnlikePhoto&);

}  // namespace pinhole::store
