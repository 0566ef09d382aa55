// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/comments.h"

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/store/sqlite/notifications.h"
#include "server/store/sqlite/page.h"
#include "server/store/sqlite/photos.h"
#include "server/store/sqlite/requests.h"
#include "server/store/sqlite/users.h"
#include "server/store/sqlite/visibility.h"

namespace pinhole::store {
namespace {

const char kColumns[] =
    "SELECT c.id, c.photo_id, u.handle, u.display_name, c.text, c.create_time "
    "FROM comments c CROSS JOIN users u ON u.id = c.author_id ";

Comment ReadComment(Query& query) {
  return Comment{CommentId{query.Int(0)}, PhotoId{query.Int(1)}, query.Text(2),
                 query.Text(3),           query.Text(4),         query.Time(5)};
}

absl::StatusOr<Comment> FindComment(Connection& db, std::int64_t id) {
  static const Sql kFind(std::string(kColumns) + "WHERE c.id = ?1");
  Query query(db, kFind, id);
  if (!query.Next()) return absl::NotFoundError("there is no such comment");
  return ReadComment(query);
}

UserId OwnerOf(Connection& db, PhotoId photo) {
  static const Sql kFind("SELECT owner_id FROM photos WHERE id = ?1");
  Query query(db, kFind, photo);
  return query.Next() ? UserId{query.Int(0)} : UserId{};
}

void CountComment(Turn& turn, PhotoId photo, int change) {
  static const Sql kUpdate(
      "UPDATE photos SET comment_count = comment_count + ?2 WHERE id = ?1");
  Query(turn.db, kUpdate, photo, change).Run();
  turn.changes.photos.push_back(photo);
}

}  // namespace

absl::StatusOr<Page<Comment>> ListComments(Connection& db, UserId viewer,
                                           PhotoId photo, PageRequest page) {
  static const Sql kList(std::string(kColumns) +
                         "WHERE c.photo_id = ?2 AND c.id > ?3 AND NOT " +
                         KeptApart("c.author_id") + " ORDER BY c.id LIMIT ?4");
  const Snapshot snapshot(db);
  RETURN_IF_ERROR(CheckPhoto(db, viewer, photo));
  Query query(db, kList, viewer, photo, page.after, RowsFor(page));
  return ReadPage<Comment>(query, page.limit, ReadComment);
}

absl::StatusOr<Comment> Apply(Turn& turn, const CreateComment& command) {
  static const Sql kInsert(
      "INSERT INTO comments (id, photo_id, author_id, create_time, text) "
      "VALUES (?1, ?2, ?3, ?4, ?5)");
  ASSIGN_OR_RETURN(const std::int64_t earlier,
                   FindRequest(turn.db, command.request, turn.now));
  if (earlier != 0) return FindComment(turn.db, earlier);
  RETURN_IF_ERROR(CheckUser(turn.db, command.actor, command.actor));
  RETURN_IF_ERROR(CheckPhoto(turn.db, command.actor, command.photo));
  const std::int64_t id = turn.NewId();
  Query(turn.db, kInsert, id, command.photo, command.actor, turn.now,
        command.text)
      .Run();
  CountComment(turn, command.photo, +1);
  Notify(turn, OwnerOf(turn.db, command.photo), id,
         Notification::Kind::kComment, command.actor, command.photo);
  RememberRequest(turn, command.request, id, command.actor);
  return FindComment(turn.db, id);
}

absl::StatusOr<Nothing> Apply(Turn& turn, const DeleteComment& command) {
  static const Sql kFind(
      fmt::format("SELECT c.author_id, p.owner_id FROM comments c "
                  "CROSS JOIN photos p ON p.id = c.photo_id "
                  "WHERE c.id = ?2 AND c.photo_id = ?3 AND {} AND NOT {}",
                  Visible(), KeptApart("c.author_id")));
  static const Sql kDelete("DELETE FROM comments WHERE id = ?1");
  UserId owner;
  {
    Query query(turn.db, kFind, command.actor, command.comment, command.photo);
    if (!query.Next()) return absl::NotFoundError("there is no such comment");
    const UserId author{query.Int(0)};
    owner = UserId{query.Int(1)};
    if (command.actor != author && command.actor != owner) {
      return absl::PermissionDeniedError(
          "only its author and the photo's owner may delete a comment");
    }
  }
  Query(turn.db, kDelete, command.comment).Run();
  CountComment(turn, command.photo, -1);
  TakeBackNotification(turn, owner, command.comment.value);
  return Nothing{};
}

}  // namespace pinhole::store
