// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/tables/users.h"

#include <algorithm>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/model/limits.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/tables/removals.h"
#include "server/store/sqlite/tables/requests.h"
#include "server/store/sqlite/tables/sessions.h"
#include "server/store/sqlite/tables/visibility.h"
#include "server/store/store_errors.h"

namespace pinhole::store {
namespace {

// The smallest string after all that start with `prefix`, in valid UTF-8, which
// has no byte 0xff.
std::string AfterPrefix(std::string_view prefix) {
  std::string end(prefix);
  if (end.empty()) return "\xff";
  end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

absl::StatusOr<Credentials> ReadCredentials(Query& query) {
  if (!query.Next()) return NoSuchUser();
  return Credentials{UserId{query.Int(0)}, query.Text(1), query.Text(2),
                     query.Bool(3)};
}

void ReserveHandle(WriteTransaction& transaction, UserId user) {
  // Replaces an expired reservation that has not been purged yet.
  static const Sql kInsert(
      "INSERT OR REPLACE INTO reserved_handles (handle, delete_time) "
      "SELECT handle, ?2 FROM users WHERE id = ?1");
  Query(transaction.db, kInsert, user, transaction.now).Run();
}

absl::Status CheckNotReserved(WriteTransaction& transaction,
                              const std::string& handle) {
  static const Sql kFind(
      "SELECT 1 FROM reserved_handles WHERE handle = ?1 AND delete_time > ?2");
  Query query(transaction.db, kFind, handle,
              transaction.now - limits::kHandleReservation);
  if (!query.Next()) return absl::OkStatus();
  return HandleReserved(handle);
}

constexpr const char* kEndSessions = "DELETE FROM sessions WHERE user_id = ?1";

// In this order: each step uses rows that later ones remove.  ?1 is the user.
constexpr const char* kSteps[] = {
    // Notifications about the user, and the user's own.
    "DELETE FROM notifications WHERE (user_id, id) IN "
    "(SELECT p.owner_id, l.id FROM likes l "
    "JOIN photos p ON p.id = l.photo_id WHERE l.user_id = ?1)",
    "DELETE FROM notifications WHERE (user_id, id) IN "
    "(SELECT p.owner_id, c.id FROM comments c "
    "JOIN photos p ON p.id = c.photo_id WHERE c.author_id = ?1)",
    "DELETE FROM notifications WHERE (user_id, id) IN "
    "(SELECT followee_id, id FROM follows WHERE follower_id = ?1)",
    "DELETE FROM notifications WHERE user_id = ?1",

    // Likes and comments by the user, then those on the user's photos.
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

std::string UserColumns() {
  return fmt::format(
      "u.id, u.handle, u.display_name, u.bio, u.create_time, "
      "u.public_photo_count"
      " + iif({reach} >= {followers}, u.followers_photo_count, 0)"
      " + iif({reach} >= {everything}, u.private_photo_count, 0), "
      "u.follower_count - {hidden_followers}, "
      "u.following_count - {hidden_following}, "
      "EXISTS (SELECT 1 FROM follows"
      " WHERE follower_id = ?1 AND followee_id = u.id), "
      "EXISTS (SELECT 1 FROM follows"
      " WHERE follower_id = u.id AND followee_id = ?1)",
      fmt::arg("reach", Reach("u.id")),
      fmt::arg("followers", static_cast<int>(Visibility::kFollowers)),
      fmt::arg("everything", static_cast<int>(Visibility::kPrivate)),
      fmt::arg("hidden_followers",
               CountSeparated("follows", "follower_id", "t.followee_id = u.id",
                              "u.follower_count")),
      fmt::arg("hidden_following",
               CountSeparated("follows", "followee_id", "t.follower_id = u.id",
                              "u.following_count")));
}

User ReadUser(Query& query, int first) {
  User user;
  user.id = UserId{query.Int(first)};
  user.handle = query.Text(first + 1);
  user.display_name = query.Text(first + 2);
  user.bio = query.Text(first + 3);
  user.create_time = query.Time(first + 4);
  user.photo_count = query.Int32(first + 5);
  user.follower_count = query.Int32(first + 6);
  user.following_count = query.Int32(first + 7);
  user.following = query.Bool(first + 8);
  user.followed_by = query.Bool(first + 9);
  return user;
}

absl::Status CheckUser(Connection& db, UserId viewer, UserId user) {
  static const Sql kCheck("SELECT 1 FROM users WHERE id = ?2 AND NOT " +
                          SeparatedByBlock("?2"));
  Query query(db, kCheck, viewer, user);
  return query.Next() ? absl::OkStatus() : NoSuchUser();
}

absl::StatusOr<User> FindUser(Connection& db, UserId viewer, UserId user) {
  static const Sql kFind(
      fmt::format("SELECT {} FROM users u WHERE u.id = ?2 AND NOT {}",
                  UserColumns(), SeparatedByBlock("u.id")));
  Query query(db, kFind, viewer, user);
  if (!query.Next()) return NoSuchUser();
  return ReadUser(query, 0);
}

absl::StatusOr<User> FindUser(Connection& db, UserId viewer,
                              std::string_view handle) {
  static const Sql kFind(
      fmt::format("SELECT {} FROM users u WHERE u.handle = ?2 AND NOT {}",
                  UserColumns(), SeparatedByBlock("u.id")));
  Query query(db, kFind, viewer, handle);
  if (!query.Next()) return NoSuchUser();
  return ReadUser(query, 0);
}

std::vector<User> SearchUsers(Connection& db, UserId viewer,
                              std::string_view prefix, std::string_view after,
                              int limit) {
  static const Sql kSearch(fmt::format(
      "SELECT {} FROM users u WHERE u.handle >= ?2 AND u.handle < ?3 "
      "AND u.handle > ?4 AND NOT {} ORDER BY u.handle LIMIT ?5",
      UserColumns(), SeparatedByBlock("u.id")));
  // The index range starts at the larger of both bounds.
  const std::string_view from = std::max(prefix, after);
  Query query(db, kSearch, viewer, from, AfterPrefix(prefix), after, limit);
  std::vector<User> users;
  while (query.Next()) users.push_back(ReadUser(query, 0));
  return users;
}

absl::StatusOr<Credentials> FindCredentials(Connection& db,
                                            std::string_view handle) {
  static const Sql kFind(
      "SELECT id, handle, password_hash, administrator FROM users "
      "WHERE handle = ?1");
  Query query(db, kFind, handle);
  return ReadCredentials(query);
}

absl::StatusOr<Credentials> FindCredentials(Connection& db, UserId user) {
  static const Sql kFind(
      "SELECT id, handle, password_hash, administrator FROM users "
      "WHERE id = ?1");
  Query query(db, kFind, user);
  return ReadCredentials(query);
}

bool IsAdministrator(Connection& db, UserId user) {
  static const Sql kFind("SELECT administrator FROM users WHERE id = ?1");
  Query query(db, kFind, user);
  return query.Next() && query.Bool(0);
}

std::vector<std::string> ListAdministrators(Connection& db) {
  static const Sql kList(
      "SELECT handle FROM users WHERE administrator = 1 ORDER BY handle");
  Query query(db, kList);
  std::vector<std::string> handles;
  while (query.Next()) handles.push_back(query.Text(0));
  return handles;
}

absl::StatusOr<User> Apply(WriteTransaction& transaction,
                           const CreateUser& command) {
  static const Sql kInsert(
      "INSERT INTO users (id, handle, display_name, password_hash, create_time)"
      " VALUES (?1, ?2, ?3, ?4, ?5)");
  ASSIGN_OR_RETURN(
      const std::int64_t earlier,
      FindRequest(transaction.db, command.request, transaction.now));
  if (earlier != 0) {
    return FindUser(transaction.db, UserId{earlier}, UserId{earlier});
  }
  if (FindCredentials(transaction.db, command.handle).ok()) {
    return HandleTaken(command.handle);
  }
  RETURN_IF_ERROR(CheckNotReserved(transaction, command.handle));
  const UserId id{transaction.NewId()};
  Query(transaction.db, kInsert, id, command.handle, command.display_name,
        command.password_hash, transaction.now)
      .Run();
  ++transaction.changes.rows.users;
  // Belongs to no user: a late repetition of the request must not create a
  // deleted account again.
  RememberRequest(transaction, command.request, id.value, UserId{});
  return FindUser(transaction.db, id, id);
}

absl::StatusOr<User> Apply(WriteTransaction& transaction,
                           const UpdateUser& command) {
  static const Sql kUpdate(
      "UPDATE users SET display_name = ifnull(?2, display_name), "
      "bio = ifnull(?3, bio) WHERE id = ?1");
  Query(transaction.db, kUpdate, command.user, command.display_name,
        command.bio)
      .Run();
  transaction.changes.users.push_back(command.user);
  return FindUser(transaction.db, command.user, command.user);
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ChangePassword& command) {
  static const Sql kUpdate("UPDATE users SET password_hash = ?2 WHERE id = ?1");
  static const Sql kEndOtherSessions(
      "DELETE FROM sessions WHERE user_id = ?1 AND id != ?2 "
      "RETURNING token_hash");
  RETURN_IF_ERROR(CheckUser(transaction.db, command.user, command.user));
  Query(transaction.db, kUpdate, command.user, command.password_hash).Run();
  Query ended(transaction.db, kEndOtherSessions, command.user, command.keep);
  while (ended.Next()) RecordEndedSession(transaction, ended.Text(0));
  return Nothing{};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const SetAdministrator& command) {
  static const Sql kUpdate("UPDATE users SET administrator = ?2 WHERE id = ?1");
  RETURN_IF_ERROR(CheckUser(transaction.db, command.user, command.user));
  Query(transaction.db, kUpdate, command.user, command.administrator ? 1 : 0)
      .Run();
  transaction.changes.everything = true;  // Cached sessions contain the role.
  return Nothing{};
}

absl::StatusOr<DeleteUser::Result> Apply(WriteTransaction& transaction,
                                         const DeleteUser& command) {
  static const Sql kFiles("SELECT file_key FROM photos WHERE owner_id = ?1");
  RETURN_IF_ERROR(CheckUser(transaction.db, command.user, command.user));
  DeleteUser::Result result;
  if (command.actor && command.actor != command.user) {
    if (!IsAdministrator(transaction.db, command.actor)) {
      return AccountNotOwned();
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
    // Too rare to keep prepared.
    SQLite::Statement statement = transaction.db.PrepareOnce(step);
    statement.bind(1, command.user.value);
    const int changed = statement.exec();
    if (step == kEndSessions) transaction.changes.rows.sessions -= changed;
  }
  --transaction.changes.rows.users;
  transaction.changes.rows.photos -=
      static_cast<std::int64_t>(result.file_keys.size());
  // The counts and feeds of others change as well.
  transaction.changes.everything = true;
  return result;
}

void PurgeReservedHandles(WriteTransaction& transaction, int limit) {
  static const Sql kDelete(
      "DELETE FROM reserved_handles WHERE handle IN "
      "(SELECT handle FROM reserved_handles WHERE delete_time <= ?1 "
      "ORDER BY delete_time, handle LIMIT ?2)");
  Query(transaction.db, kDelete, transaction.now - limits::kHandleReservation,
        limit)
      .Run();
}

}  // namespace pinhole::store
