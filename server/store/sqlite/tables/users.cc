// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/tables/users.h"

#include <algorithm>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/sqlite/tables/requests.h"
#include "server/store/sqlite/tables/reserved_handles.h"
#include "server/store/sqlite/tables/sessions.h"
#include "server/store/sqlite/tables/visibility.h"

namespace pinhole::store {
namespace {

// The smallest text after all that start with `prefix`.  No byte of UTF-8 is
// 0xff.
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

}  // namespace

absl::Status NoSuchUser() {
  return absl::NotFoundError("there is no such user");
}

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
               CountKeptApart("follows", "follower_id", "t.followee_id = u.id",
                              "u.follower_count")),
      fmt::arg("hidden_following",
               CountKeptApart("follows", "followee_id", "t.follower_id = u.id",
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
                          KeptApart("?2"));
  Query query(db, kCheck, viewer, user);
  return query.Next() ? absl::OkStatus() : NoSuchUser();
}

absl::StatusOr<User> FindUser(Connection& db, UserId viewer, UserId user) {
  static const Sql kFind(
      fmt::format("SELECT {} FROM users u WHERE u.id = ?2 AND NOT {}",
                  UserColumns(), KeptApart("u.id")));
  Query query(db, kFind, viewer, user);
  if (!query.Next()) return NoSuchUser();
  return ReadUser(query, 0);
}

absl::StatusOr<User> FindUser(Connection& db, UserId viewer,
                              std::string_view handle) {
  static const Sql kFind(
      fmt::format("SELECT {} FROM users u WHERE u.handle = ?2 AND NOT {}",
                  UserColumns(), KeptApart("u.id")));
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
      UserColumns(), KeptApart("u.id")));
  // One lower bound instead of two, so that the index starts at the larger.
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
    return absl::AlreadyExistsError(
        fmt::format("the handle {} is taken", command.handle));
  }
  RETURN_IF_ERROR(CheckNotReserved(transaction, command.handle));
  const UserId id{transaction.NewId()};
  Query(transaction.db, kInsert, id, command.handle, command.display_name,
        command.password_hash, transaction.now)
      .Run();
  ++transaction.changes.rows.users;
  // Nobody's: after the account is gone, a late repetition of the request must
  // not bring it back.
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
  static const Sql kEndSessions(
      "DELETE FROM sessions WHERE user_id = ?1 AND id != ?2 "
      "RETURNING token_hash");
  RETURN_IF_ERROR(CheckUser(transaction.db, command.user, command.user));
  Query(transaction.db, kUpdate, command.user, command.password_hash).Run();
  Query ended(transaction.db, kEndSessions, command.user, command.keep);
  while (ended.Next()) NoteEnded(transaction, ended.Text(0));
  return Nothing{};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const SetAdministrator& command) {
  static const Sql kUpdate("UPDATE users SET administrator = ?2 WHERE id = ?1");
  RETURN_IF_ERROR(CheckUser(transaction.db, command.user, command.user));
  Query(transaction.db, kUpdate, command.user, command.administrator ? 1 : 0)
      .Run();
  transaction.changes.everything = true;  // It is in the sessions.
  return Nothing{};
}

}  // namespace pinhole::store
