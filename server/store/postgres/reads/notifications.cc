// SPDX-License-Identifier: Apache-2.0

#include <optional>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/reads/page.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "server/store/postgres/reads/statements.h"
#include "server/store/postgres/reads/visibility.h"

namespace pinhole::postgres {
namespace {

const Statement kList(fmt::format(
    "SELECT page.id, page.kind, a.handle, page.photo_id, page.create_time, "
    "page.read FROM (SELECT n.* FROM notifications n "
    "WHERE n.user_id = $1 AND n.id < $2 AND NOT {} "
    "ORDER BY n.id DESC LIMIT $3) page LEFT JOIN LATERAL "
    "(SELECT handle FROM users WHERE id = page.actor_id OFFSET 0) a ON true "
    "ORDER BY page.id DESC",
    SeparatedByBlock("n.actor_id")));

std::optional<Notification> ReadNotification(const Row& row) {
  if (row.IsNull(2)) return std::nullopt;
  Notification notification;
  notification.id = NotificationId{row.Int(0)};
  notification.kind = static_cast<Notification::Kind>(row.Int(1));
  notification.actor_handle = row.Text(2);
  notification.photo = PhotoId{row.Int(3)};
  if (notification.kind == Notification::Kind::kComment) {
    notification.comment = CommentId{row.Int(0)};
  }
  notification.create_time = row.Time(4);
  notification.read = row.Bool(5);
  return notification;
}

}  // namespace

Statements NotificationStatements() {
  return {{"ListNotifications", &kList, DistributionKey::kViewer}};
}

absl::StatusOr<Page<Notification>> PostgresReader::ListNotifications(
    UserId user, PageRequest page) const {
  ASSIGN_OR_RETURN(const Result found,
                   db_.Query(kList, user, Below(page), RowsFor(page)));
  return ReadPage<Notification>(found, page.limit, ReadNotification);
}

}  // namespace pinhole::postgres
