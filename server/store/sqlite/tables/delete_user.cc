// SPDX-License-Identifier: Apache-2.0

#include "base/status_macros.h"
#include "server/store/sqlite/tables/removals.h"
#include "server/store/sqlite/tables/reserved_handles.h"
#include "server/store/sqlite/tables/users.h"

namespace pinhole::store {
namespace {

constexpr const char* kEndSessions = "DELETE FROM sessions WHERE user_id = ?1";

// In order: each step uses rows that later ones remove.  ?1 is the user.
constexpr const char* kSteps[] = {
    // What others were told of the user's doings.
    "DELETE FROM notifications WHERE (user_id, id) IN "
    "(SELECT p.owner_id, l.id FROM likes l "
    "JOIN photos p ON p.id = l.photo_id WHERE l.user_id = ?1)",
    "DELETE FROM notifications WHERE (user_id, id) IN "
    "(SELECT p.owner_id, c.id FROM comments c "
    "JOIN photos p ON p.id = c.photo_id WHERE c.author_id = ?1)",
    "DELETE FROM notifications WHERE (user_id, id) IN "
    "(SELECT followee_id, id FROM follows WHERE follower_id = ?1)",
    "DELETE FROM notifications WHERE user_id = ?1",

    // Likes and comments: the user's, then others' on the user's photos.
    "UPDATE photos SET like_count = like_count - 1, "
    "hidden_like_count = hidden_like_count - EXISTS "
    "(SELECT 1 FROM blocks"
    " WHERE user_id = owner_id AND other_id = ?1 AND blocking = 1) WHERE id IN "
    "(SELECT photo_id FROM likes WHERE user_id = ?1)",
    "DELETE FROM likes WHERE user_id = ?1",
    "UPDATE photos SET comment_count = comment_count - c.n, "
    "hidden_comment_count = hidden_comment_count - c.n * EXISTS "
    "(SELECT 1 FROM blocks"
    " WHERE user_id = owner_id AND other_id = ?1 AND blocking = 1) FROM "
    "(SELECT photo_id, count(*) AS n FROM comments WHERE author_id = ?1 "
    "GROUP BY photo_id) c WHERE photos.id = c.photo_id",
    "DELETE FROM comments WHERE author_id = ?1",
    "DELETE FROM likes WHERE (user_id, photo_id) IN "
    "(SELECT l.user_id, l.photo_id FROM photos p "
    "JOIN likes l ON l.photo_id = p.id WHERE p.owner_id = ?1)",
    "DELETE FROM comments WHERE photo_id IN "
    "(SELECT id FROM photos WHERE owner_id = ?1)",

    "INSERT OR IGNORE INTO garbage (file_key) "
    "SELECT file_key FROM photos WHERE owner_id = ?1",
    "DELETE FROM photos WHERE owner_id = ?1",

    "UPDATE users SET follower_count = follower_count - 1 WHERE id IN "
    "(SELECT followee_id FROM follows WHERE follower_id = ?1)",
    "UPDATE users SET following_count = following_count - 1 WHERE id IN "
    "(SELECT follower_id FROM follows WHERE followee_id = ?1)",
    "DELETE FROM follows WHERE follower_id = ?1",
    "DELETE FROM follows WHERE followee_id = ?1",

    "DELETE FROM blocks WHERE (user_id, other_id) IN "
    "(SELECT other_id, user_id FROM blocks WHERE user_id = ?1)",
    "DELETE FROM blocks WHERE user_id = ?1",

    kEndSessions,
    "DELETE FROM requests WHERE user_id = ?1",
    "DELETE FROM users WHERE id = ?1",
};

}  // namespace

absl::StatusOr<DeleteUser::Result> Apply(WriteTransaction& transaction,
                                         const DeleteUser& command) {
  static const Sql kFiles("SELECT file_key FROM photos WHERE owner_id = ?1");
  RETURN_IF_ERROR(CheckUser(transaction.db, command.user, command.user));
  DeleteUser::Result result;
  if (command.actor && command.actor != command.user) {
    if (!IsAdministrator(transaction.db, command.actor)) {
      return absl::PermissionDeniedError("the account is somebody else's");
    }
    result.removal = RecordRemoval(transaction, command.actor, command.user,
                                   {.kind = Removal::Kind::kUser});
  }
  {
    Query files(transaction.db, kFiles, command.user);
    while (files.Next()) result.file_keys.push_back(files.Text(0));
  }
  ReserveHandle(transaction, command.user);
  for (const char* step : kSteps) {
    // Rare enough to prepare each time.
    SQLite::Statement statement = transaction.db.PrepareOnce(step);
    statement.bind(1, command.user.value);
    const int changed = statement.exec();
    if (step == kEndSessions) transaction.changes.rows.sessions -= changed;
  }
  --transaction.changes.rows.users;
  transaction.changes.rows.photos -=
      static_cast<std::int64_t>(result.file_keys.size());
  // Their doings are in other people's counts and feeds.
  transaction.changes.everything = true;
  return result;
}

}  // namespace pinhole::store
