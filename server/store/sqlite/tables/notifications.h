// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/write_transaction.h"
#include "server/store/store.h"

namespace pinhole::store {

Page<Notification> ListNotifications(Connection& db, UserId user,
                                     PageRequest page);

// Adds a notification for `user`, unless `user` is `actor`.  `cause` is the id
// of the follow, like or comment.
void Notify(WriteTransaction& transaction, UserId user, std::int64_t cause,
            Notification::Kind kind, UserId actor, PhotoId photo);
void RemoveNotification(WriteTransaction& transaction, UserId user,
                        std::int64_t cause);
// Removes the notifications about likes and comments of a photo of `owner`.
void RemoveNotificationsOf(WriteTransaction& transaction, UserId owner,
                           PhotoId photo);

absl::StatusOr<Nothing> Apply(WriteTransaction&, const MarkNotificationsRead&);

}  // namespace pinhole::store
