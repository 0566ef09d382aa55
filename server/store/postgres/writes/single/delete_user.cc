// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/single/delete_user.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/writes/single/locks.h"
#include "server/store/postgres/writes/single/removals.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {
namespace {

// Rows per transaction.
constexpr std::int32_t kChunk = 500;

absl::StatusOr<std::string> LockHandle(WriteTransaction& transaction,
                                       UserId user) {
  static const Statement kFind("SELECT handle FROM users WHERE id = $1");
  static const Statement kLock(
      "SELECT 1 FROM handles WHERE handle = $1 FOR NO KEY UPDATE");
  ASSIGN_OR_RETURN(const Result found, transaction.db.Query(kFind, user));
  if (found.empty()) return store::NoSuchUser();
  std::string handle = found[0].Text(0);
  RETURN_IF_ERROR(transaction.db.Query(kLock, handle).status());
  return handle;
}

absl::Status CheckExists(WriteTransaction& transaction, UserId user) {
  static const Statement kFind("SELECT 1 FROM users WHERE id = $1");
  ASSIGN_OR_RETURN(const Result found, transaction.db.Query(kFind, user));
  return found.empty() ? store::NoSuchUser() : absl::OkStatus();
}

// The first transaction.
absl::Status Hide(WriteTransaction& transaction, const DeleteUser& command,
                  DeleteUser::Result& result) {
  static const Statement kReserve(
      "UPDATE handles SET user_id = 0, delete_time = $2 WHERE handle = $1");
  static const Statement kEndSessions(
      "DELETE FROM sessions WHERE id IN "
      "(SELECT id FROM sessions WHERE user_id = $1 ORDER BY id FOR UPDATE)");
  static const Statement kPlan(
      "INSERT INTO deletions (user_id, create_time) VALUES ($1, $2)");
  static const Statement kDelete("DELETE FROM users WHERE id = $1");
  ASSIGN_OR_RETURN(const std::string handle,
                   LockHandle(transaction, command.user));
  RETURN_IF_ERROR(LockUsers(transaction, {command.user, command.actor}));
  RETURN_IF_ERROR(CheckExists(transaction, command.user));
  if (command.actor && command.actor != command.user) {
    ASSIGN_OR_RETURN(const bool administrator,
                     IsAdministrator(transaction, command.actor));
    if (!administrator) return store::AccountNotOwned();
    ASSIGN_OR_RETURN(result.removal,
                     RecordRemoval(transaction, command.actor, command.user,
                                   {.kind = Removal::Kind::kUser}));
  }
  transaction.pipeline.Add(kReserve, handle, transaction.now);
  transaction.pipeline.Add(kEndSessions, command.user);
  transaction.pipeline.Add(kPlan, command.user, transaction.now);
  transaction.pipeline.Add(kDelete, command.user);
  return absl::OkStatus();
}

// The functions below delete up to kChunk rows of a kind, which a statement
// with the parameters user and kChunk has found.

// Locks the owners of the photos in columns 0 and 1, whose notifications
// change, and the photos.
absl::StatusOr<PhotoKeys> LockPhotosOf(WriteTransaction& transaction,
                                       const Result& rows) {
  PhotoKeys keys;
  for (const Row row : rows) {
    keys.owners.push_back(UserId{row.Int(0)});
    keys.photos.push_back(PhotoId{row.Int(1)});
  }
  RETURN_IF_ERROR(LockUsers(transaction, keys.owners));
  RETURN_IF_ERROR(LockPhotos(transaction, keys));
  return keys;
}

// The SQL that finds likes or comments that meet `condition`, with the last
// column of their key.
std::string FindContent(std::string_view table, std::string_view key,
                        std::string_view condition) {
  return fmt::format(
      "SELECT owner_id, photo_id, {} FROM {} WHERE {} "
      "ORDER BY owner_id, photo_id LIMIT $2",
      key, table, condition);
}

// The SQL that deletes likes or comments.  Counts by the rows deleted: another
// server can have deleted some of them.
std::string DeleteContent(std::string_view table, std::string_view key,
                          std::string_view user, std::string_view count) {
  return fmt::format(
      "WITH deleted AS (DELETE FROM {table} t USING "
      "unnest($1, $2, $3) wanted (owner_id, photo_id, key) "
      "WHERE t.owner_id = wanted.owner_id AND t.photo_id = wanted.photo_id "
      "AND t.{key} = wanted.key "
      "RETURNING t.owner_id, t.photo_id, t.{user} AS user_id, t.id), "
      "withdrawn AS (DELETE FROM notifications n USING deleted d "
      "WHERE n.user_id = d.owner_id AND n.id = d.id) "
      "UPDATE photos p SET {count} = {count} - d.n, "
      "hidden_{count} = hidden_{count} - d.hidden FROM "
      "(SELECT d.owner_id, d.photo_id, count(*)::integer AS n,"
      " count(*) FILTER (WHERE b.blocking)::integer AS hidden"
      " FROM deleted d LEFT JOIN blocks b"
      " ON b.user_id = d.owner_id AND b.other_id = d.user_id"
      " GROUP BY d.owner_id, d.photo_id) d "
      "WHERE p.owner_id = d.owner_id AND p.id = d.photo_id",
      fmt::arg("table", table), fmt::arg("key", key), fmt::arg("user", user),
      fmt::arg("count", count));
}

absl::Status DeleteByKey(WriteTransaction& transaction, const Result& rows,
                         const Statement& statement) {
  std::vector<std::int64_t> last;
  for (const Row row : rows) last.push_back(row.Int(2));
  ASSIGN_OR_RETURN(const PhotoKeys keys, LockPhotosOf(transaction, rows));
  transaction.pipeline.Add(statement, keys.owners, keys.photos, last);
  return absl::OkStatus();
}

absl::Status DeleteLikes(WriteTransaction& transaction, UserId,
                         const Result& rows, std::vector<std::string>&) {
  static const Statement kDelete(
      DeleteContent("likes", "user_id", "user_id", "like_count"));
  return DeleteByKey(transaction, rows, kDelete);
}

absl::Status DeleteComments(WriteTransaction& transaction, UserId,
                            const Result& rows, std::vector<std::string>&) {
  static const Statement kDelete(
      DeleteContent("comments", "id", "author_id", "comment_count"));
  return DeleteByKey(transaction, rows, kDelete);
}

std::vector<UserId> UsersIn(const Result& rows) {
  std::vector<UserId> users;
  for (const Row row : rows) users.push_back(UserId{row.Int(0)});
  return users;
}

// In both directions.
absl::Status DeleteFollows(WriteTransaction& transaction, UserId user,
                           const Result& rows, std::vector<std::string>&) {
  static const Statement kDelete(
      "WITH following AS (DELETE FROM follows "
      "WHERE follower_id = $1 AND followee_id = ANY($2) "
      "RETURNING followee_id, id), "
      "followed AS (DELETE FROM follows "
      "WHERE followee_id = $1 AND follower_id = ANY($2) "
      "RETURNING follower_id, id), "
      "withdrawn AS (DELETE FROM notifications n USING "
      "(SELECT followee_id AS user_id, id FROM following UNION ALL "
      "SELECT $1, id FROM followed) f "
      "WHERE n.user_id = f.user_id AND n.id = f.id) "
      "UPDATE users SET "
      "follower_count = follower_count - (SELECT count(*)::integer"
      " FROM following WHERE followee_id = users.id), "
      "following_count = following_count - (SELECT count(*)::integer"
      " FROM followed WHERE follower_id = users.id) "
      "WHERE id = ANY($2)");
  const std::vector<UserId> others = UsersIn(rows);
  RETURN_IF_ERROR(LockUsers(transaction, others));
  transaction.pipeline.Add(kDelete, user, others);
  return absl::OkStatus();
}

absl::Status DeletePhotos(WriteTransaction& transaction, UserId user,
                          const Result& rows, std::vector<std::string>& files) {
  static const Statement kDelete(
      "WITH deleted AS (DELETE FROM photos "
      "WHERE owner_id = $1 AND id = ANY($2) RETURNING id, file_key), "
      "owners AS (DELETE FROM photo_owners USING deleted "
      "WHERE photo_id = deleted.id), "
      "files AS (INSERT INTO garbage (file_key, owner_id, create_time) "
      "SELECT file_key, $1, $3 FROM deleted ON CONFLICT DO NOTHING) "
      "SELECT file_key FROM deleted");
  ASSIGN_OR_RETURN(const PhotoKeys keys, LockPhotosOf(transaction, rows));
  ASSIGN_OR_RETURN(
      const Result deleted,
      transaction.db.Query(kDelete, user, keys.photos, transaction.now));
  for (const Row row : deleted) files.push_back(row.Text(0));
  return absl::OkStatus();
}

// From both sides.
absl::Status DeleteBlocks(WriteTransaction& transaction, UserId user,
                          const Result& rows, std::vector<std::string>&) {
  // Two users who are deleted at the same time can have blocked each other.
  static const Statement kLock(
      "SELECT 1 FROM unnest($1, $2) wanted (user_id, other_id) "
      "JOIN blocks b USING (user_id, other_id) "
      "ORDER BY b.user_id, b.other_id FOR UPDATE OF b");
  static const Statement kDelete(
      "DELETE FROM blocks b USING unnest($1, $2) wanted (user_id, other_id) "
      "WHERE b.user_id = wanted.user_id AND b.other_id = wanted.other_id");
  std::vector<UserId> users, others;
  for (const UserId other : UsersIn(rows)) {
    users.insert(users.end(), {user, other});
    others.insert(others.end(), {other, user});
  }
  transaction.pipeline.Add(kLock, users, others);
  transaction.pipeline.Add(kDelete, users, others);
  return absl::OkStatus();
}

absl::Status DeleteNotifications(WriteTransaction& transaction, UserId user,
                                 const Result&, std::vector<std::string>&) {
  static const Statement kDelete(
      "DELETE FROM notifications WHERE user_id = $1 AND id IN "
      "(SELECT id FROM notifications WHERE user_id = $1 "
      "ORDER BY id LIMIT $2 FOR UPDATE)");
  transaction.pipeline.Add(kDelete, user, kChunk);
  return absl::OkStatus();
}

absl::Status DeleteRequests(WriteTransaction& transaction, UserId user,
                            const Result&, std::vector<std::string>&) {
  static const Statement kDelete(
      "DELETE FROM requests WHERE key IN "
      "(SELECT key FROM requests WHERE user_id = $1 AND user_id <> 0 "
      "ORDER BY key LIMIT $2 FOR UPDATE)");
  transaction.pipeline.Add(kDelete, user, kChunk);
  return absl::OkStatus();
}

struct Step {
  Statement find;
  absl::Status (*remove)(WriteTransaction& transaction, UserId user,
                         const Result& found, std::vector<std::string>& files);
};

// Runs the first step that finds rows; false if none does.
absl::StatusOr<bool> DeleteSome(WriteTransaction& transaction, UserId user,
                                std::vector<std::string>& files) {
  // In this order: hidden counts depend on blocks, and photos must have no
  // likes and comments left.
  static const Step kSteps[] = {
      {Statement(FindContent("likes", "user_id", "user_id = $1")), DeleteLikes},
      {Statement(FindContent("likes", "user_id", "owner_id = $1 AND id > 0")),
       DeleteLikes},
      {Statement(FindContent("comments", "id", "author_id = $1")),
       DeleteComments},
      {Statement(FindContent("comments", "id", "owner_id = $1")),
       DeleteComments},
      {Statement(
           "(SELECT followee_id FROM follows WHERE follower_id = $1 LIMIT $2) "
           "UNION "
           "(SELECT follower_id FROM follows "
           "WHERE followee_id = $1 AND id > 0 LIMIT $2)"),
       DeleteFollows},
      {Statement("SELECT owner_id, id FROM photos WHERE owner_id = $1 "
                 "ORDER BY id LIMIT $2"),
       DeletePhotos},
      {Statement("SELECT other_id FROM blocks WHERE user_id = $1 LIMIT $2"),
       DeleteBlocks},
      {Statement("SELECT id FROM notifications WHERE user_id = $1 LIMIT $2"),
       DeleteNotifications},
      {Statement("SELECT result_id FROM requests "
                 "WHERE user_id = $1 AND user_id <> 0 LIMIT $2"),
       DeleteRequests},
  };
  static const Statement kFinish("DELETE FROM deletions WHERE user_id = $1");
  // Looks in the opposite order: likes and comments that were decided before
  // the user was hidden can be committed later, but before the photo is
  // deleted. Once there is no photo, the statements that follow find all of
  // them.
  for (auto step = std::rbegin(kSteps); step != std::rend(kSteps); ++step) {
    transaction.pipeline.Add(step->find, user, kChunk);
  }
  ASSIGN_OR_RETURN(std::vector<Result> found, transaction.pipeline.Flush());
  std::reverse(found.begin(), found.end());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].empty()) continue;
    RETURN_IF_ERROR(kSteps[i].remove(transaction, user, found[i], files));
    return true;
  }
  transaction.pipeline.Add(kFinish, user);
  return false;
}

}  // namespace

absl::StatusOr<DeleteUser::Result> Run(Transactions& transactions,
                                       const DeleteUser& command) {
  DeleteUser::Result result;
  RETURN_IF_ERROR(
      transactions.Run([&](WriteTransaction& transaction) -> absl::Status {
        result = {};
        return Hide(transaction, command, result);
      }));
  int left = kMostTransactions;
  DeleteRest(transactions, command.user, left, result.file_keys).IgnoreError();
  return result;
}

absl::Status DeleteRest(Transactions& transactions, UserId user,
                        int& transactions_left,
                        std::vector<std::string>& files) {
  for (bool more = true; more && transactions_left > 0; --transactions_left) {
    std::vector<std::string> found;
    RETURN_IF_ERROR(
        transactions.Run([&](WriteTransaction& transaction) -> absl::Status {
          found.clear();
          ASSIGN_OR_RETURN(more, DeleteSome(transaction, user, found));
          return absl::OkStatus();
        }));
    for (std::string& file : found) files.push_back(std::move(file));
  }
  return absl::OkStatus();
}

}  // namespace pinhole::postgres
