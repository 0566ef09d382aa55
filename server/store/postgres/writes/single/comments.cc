// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/single/comments.h"

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/reads/visibility.h"
#include "server/store/postgres/writes/single/locks.h"
#include "server/store/postgres/writes/single/removals.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {
namespace {

// A comment that is about to be deleted.
struct Target {
  UserId author;
  UserId owner;        // The photo's owner.
  bool shown = false;  // The actor may see it.
};

// Locks the users concerned and the photo.
absl::StatusOr<Target> LockTarget(WriteTransaction& transaction,
                                  const DeleteComment& command) {
  static const Statement kAuthor(
      "SELECT author_id FROM comments "
      "WHERE owner_id = $1 AND photo_id = $2 AND id = $3");
  // Comments of users who are being deleted are not found.
  static const Statement kFind(
      fmt::format("SELECT {} AND {} FROM comments c "
                  "JOIN photos p ON p.owner_id = c.owner_id "
                  "AND p.id = c.photo_id "
                  "JOIN users o ON o.id = c.owner_id "
                  "JOIN users a ON a.id = c.author_id "
                  "WHERE c.owner_id = $2 AND c.photo_id = $3 AND c.id = $4",
                  Visible(), SeesContentOf("c.author_id")));
  const absl::StatusOr<UserId> owner = OwnerOf(transaction, command.photo);
  if (absl::IsNotFound(owner.status())) return store::NoSuchComment();
  RETURN_IF_ERROR(owner.status());
  Target target{.author = {}, .owner = *owner};
  {
    ASSIGN_OR_RETURN(const Result found,
                     transaction.db.Query(kAuthor, target.owner, command.photo,
                                          command.comment));
    if (found.empty()) return store::NoSuchComment();
    target.author = UserId{found[0].Int(0)};
  }
  RETURN_IF_ERROR(
      LockUsers(transaction, {command.actor, target.author, target.owner}));
  RETURN_IF_ERROR(LockPhotos(transaction, {{target.owner}, {command.photo}}));
  ASSIGN_OR_RETURN(const Result found,
                   transaction.db.Query(kFind, command.actor, target.owner,
                                        command.photo, command.comment));
  if (found.empty()) return store::NoSuchComment();
  target.shown = found[0].Bool(0);
  return target;
}

}  // namespace

absl::StatusOr<DeleteComment::Result> Apply(WriteTransaction& transaction,
                                            const DeleteComment& command) {
  static const Statement kDelete(
      "WITH deleted AS (DELETE FROM comments "
      "WHERE owner_id = $1 AND photo_id = $2 AND id = $3 "
      "RETURNING author_id) "
      "UPDATE photos SET comment_count = comment_count - 1, "
      "hidden_comment_count = hidden_comment_count - (SELECT count(*)::integer"
      " FROM blocks WHERE user_id = $1 AND other_id = deleted.author_id"
      " AND blocking) "
      "FROM deleted WHERE photos.owner_id = $1 AND photos.id = $2");
  static const Statement kWithdraw(
      "DELETE FROM notifications WHERE user_id = $1 AND id = $2");
  ASSIGN_OR_RETURN(const Target target, LockTarget(transaction, command));
  DeleteComment::Result result;
  if (command.actor != target.author && command.actor != target.owner) {
    ASSIGN_OR_RETURN(const bool administrator,
                     IsAdministrator(transaction, command.actor));
    if (!administrator) {
      return target.shown ? store::CommentNotOwned() : store::NoSuchComment();
    }
    ASSIGN_OR_RETURN(result.removal,
                     RecordRemoval(transaction, command.actor, target.author,
                                   {.kind = Removal::Kind::kComment,
                                    .photo = command.photo,
                                    .comment = command.comment}));
  }
  transaction.pipeline.Add(kDelete, target.owner, command.photo,
                           command.comment);
  transaction.pipeline.Add(kWithdraw, target.owner, command.comment);
  return result;
}

}  // namespace pinhole::postgres
