// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/tables/notifications.h"

#include <algorithm>

#include "server/store/sqlite/db/page.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/tables/visibility.h"

namespace pinhole::store {
namespace {

Notification ReadNotification(Query& query) {
  Notification notification;
  notification.id = NotificationId{query.Int(0)};
  notification.kind = static_cast<Notification::Kind>(query.Int(1));
  notification.actor_handle = query.Text(2);
  notification.photo = PhotoId{query.Int(3)};
  if (notification.kind == Notification::Kind::kComment) {
    notification.comment = CommentId{query.Int(0)};
  }
  notification.create_time = query.Time(4);
  notification.read = query.Bool(5);
  return notification;
}

}  // namespace

Page<Notification> ListNotifications(Connection& db, UserId user,
                                     PageRequest page) {
  static const Sql kList(
      "SELECT n.id, n.kind, a.handle, n.photo_id, n.create_time, "
      "n.id <= u.last_read_id "
      "FROM users u CROSS JOIN notifications n ON n.user_id = u.id "
      "CROSS JOIN users a ON a.id = n.actor_id "
      "WHERE u.id = ?1 AND n.id < ?2 AND NOT " +
      SeparatedByBlock("n.actor_id") + " ORDER BY n.id DESC LIMIT ?3");
  Query query(db, kList, user, Below(page), RowsFor(page));
  return ReadPage<Notification>(query, page.limit, ReadNotification);
}

void Notify(WriteTransaction& transaction, UserId user, std::int64_t cause,
            Notification::Kind kind, UserId actor, PhotoId photo) {
  static const Sql kInsert(
      "INSERT INTO notifications "
      "(user_id, id, kind, actor_id, photo_id, create_time) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  if (user == actor) return;
  Query(transaction.db, kInsert, user, cause, static_cast<int>(kind), actor,
        photo, transaction.now)
      .Run();
}

void RemoveNotification(WriteTransaction& transaction, UserId user,
                        std::int64_t cause) {
  static const Sql kDelete(
      "DELETE FROM notifications WHERE user_id = ?1 AND id = ?2");
  Query(transaction.db, kDelete, user, cause).Run();
}

void RemoveNotificationsOf(WriteTransaction& transaction, UserId owner,
                           PhotoId photo) {
  static const Sql kDelete(
      "DELETE FROM notifications WHERE user_id = ?1 AND id IN "
      "(SELECT id FROM likes WHERE photo_id = ?2 "
      "UNION ALL SELECT id FROM comments WHERE photo_id = ?2)");
  Query(transaction.db, kDelete, owner, photo).Run();
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const MarkNotificationsRead& command) {
  static const Sql kUpdate(
      "UPDATE users SET last_read_id = max(last_read_id, ?2) WHERE id = ?1");
  // At most the newest id, so that later notifications are unread.
  const std::int64_t newest = transaction.ids.last();
  const std::int64_t last =
      command.last ? std::min(command.last.value, newest) : newest;
  Query(transaction.db, kUpdate, command.user, last).Run();
  return Nothing{};
}

}  // namespace pinhole::store
