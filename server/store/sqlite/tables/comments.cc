// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/tables/comments.h"

#include <string_view>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/sqlite/db/page.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/db/snapshot.h"
#include "server/store/sqlite/tables/notifications.h"
#include "server/store/sqlite/tables/photos.h"
#include "server/store/sqlite/tables/removals.h"
#include "server/store/sqlite/tables/requests.h"
#include "server/store/sqlite/tables/users.h"
#include "server/store/sqlite/tables/visibility.h"
#include "server/store/store_errors.h"

namespace pinhole::store {
namespace {

constexpr std::string_view kColumns =
    "c.id, c.photo_id, u.handle, u.display_name, c.text, c.create_time";

Comment ReadComment(Query& query) {
  return Comment{CommentId{query.Int(0)}, PhotoId{query.Int(1)}, query.Text(2),
                 query.Text(3),           query.Text(4),         query.Time(5)};
}

absl::StatusOr<Comment> FindComment(Connection& db, std::int64_t id) {
  static const Sql kFind(
      fmt::format("SELECT {} FROM comments c "
                  "CROSS JOIN users u ON u.id = c.author_id WHERE c.id = ?1",
                  kColumns));
  Query query(db, kFind, id);
  if (!query.Next()) return NoSuchComment();
  return ReadComment(query);
}

// A comment that is about to be deleted.
struct Target {
  UserId author;
  UserId owner;         // The photo's owner.
  bool shown = false;   // The actor may see it.
  bool hidden = false;  // The photo's owner blocks its author.
};

absl::StatusOr<Target> FindTarget(WriteTransaction& transaction,
                                  const DeleteComment& command) {
  static const Sql kFind(fmt::format(
      "SELECT c.author_id, p.owner_id, {} AND {}, {} FROM comments c "
      "CROSS JOIN photos p ON p.id = c.photo_id "
      "WHERE c.id = ?2 AND c.photo_id = ?3",
      Visible(), SeesContentOf("c.author_id"), BlockedByOwner("c.author_id")));
  Query query(transaction.db, kFind, command.actor, command.comment,
              command.photo);
  if (!query.Next()) return NoSuchComment();
  return Target{UserId{query.Int(0)}, UserId{query.Int(1)}, query.Bool(2),
                query.Bool(3)};
}

UserId OwnerOf(Connection& db, PhotoId photo) {
  static const Sql kFind("SELECT owner_id FROM photos WHERE id = ?1");
  Query query(db, kFind, photo);
  return query.Next() ? UserId{query.Int(0)} : UserId{};
}

// `hidden`: the photo's owner blocks the author.
void CountComment(WriteTransaction& transaction, PhotoId photo, int change,
                  bool hidden) {
  static const Sql kUpdate(
      "UPDATE photos SET comment_count = comment_count + ?2, "
      "hidden_comment_count = hidden_comment_count + ?3 WHERE id = ?1");
  Query(transaction.db, kUpdate, photo, change, hidden ? change : 0).Run();
  transaction.changes.photos.push_back(photo);
}

}  // namespace

absl::StatusOr<Page<Comment>> ListComments(Connection& db, UserId viewer,
                                           PhotoId photo, PageRequest page) {
  static const Sql kList(
      fmt::format("SELECT {} FROM photos p "
                  "CROSS JOIN comments c ON c.photo_id = p.id "
                  "CROSS JOIN users u ON u.id = c.author_id "
                  "WHERE p.id = ?2 AND c.id > ?3 AND {} "
                  "ORDER BY c.id LIMIT ?4",
                  kColumns, SeesContentOf("c.author_id")));
  const Snapshot snapshot(db);
  RETURN_IF_ERROR(CheckPhoto(db, viewer, photo));
  Query query(db, kList, viewer, photo, page.after, RowsFor(page));
  return ReadPage<Comment>(query, page.limit, ReadComment);
}

absl::StatusOr<Comment> Apply(WriteTransaction& transaction,
                              const CreateComment& command) {
  static const Sql kInsert(
      "INSERT INTO comments (id, photo_id, author_id, create_time, text) "
      "VALUES (?1, ?2, ?3, ?4, ?5)");
  ASSIGN_OR_RETURN(
      const std::int64_t earlier,
      FindRequest(transaction.db, command.request, transaction.now));
  if (earlier != 0) return FindComment(transaction.db, earlier);
  RETURN_IF_ERROR(CheckUser(transaction.db, command.actor, command.actor));
  RETURN_IF_ERROR(CheckPhoto(transaction.db, command.actor, command.photo));
  const std::int64_t id = transaction.NewId();
  Query(transaction.db, kInsert, id, command.photo, command.actor,
        transaction.now, command.text)
      .Run();
  CountComment(transaction, command.photo, +1, /*hidden=*/false);
  Notify(transaction, OwnerOf(transaction.db, command.photo), id,
         Notification::Kind::kComment, command.actor, command.photo);
  RememberRequest(transaction, command.request, id, command.actor);
  return FindComment(transaction.db, id);
}

absl::StatusOr<DeleteComment::Result> Apply(WriteTransaction& transaction,
                                            const DeleteComment& command) {
  static const Sql kDelete("DELETE FROM comments WHERE id = ?1");
  ASSIGN_OR_RETURN(const Target target, FindTarget(transaction, command));
  DeleteComment::Result result;
  if (command.actor != target.author && command.actor != target.owner) {
    if (!IsAdministrator(transaction.db, command.actor)) {
      return target.shown ? CommentNotOwned() : NoSuchComment();
    }
    result.removal = RecordRemoval(transaction, command.actor, target.author,
                                   {.kind = Removal::Kind::kComment,
                                    .photo = command.photo,
                                    .comment = command.comment});
  }
  Query(transaction.db, kDelete, command.comment).Run();
  CountComment(transaction, command.photo, -1, target.hidden);
  RemoveNotification(transaction, target.owner, command.comment.value);
  return result;
}

}  // namespace pinhole::store
