// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/reads/users.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "server/store/postgres/reads/statements.h"
#include "server/store/postgres/reads/visibility.h"

namespace pinhole::postgres {
namespace {

// Larger than every string that starts with `prefix`, unless U+10FFFF follows,
// which no handle contains.
std::string AfterPrefix(std::string_view prefix) {
  return std::string(prefix) + "\U0010FFFF";
}

constexpr std::string_view kById = "users u WHERE u.id = $2";
constexpr std::string_view kByHandle =
    "handles h CROSS JOIN LATERAL "
    "(SELECT * FROM users WHERE id = h.user_id OFFSET 0) u "
    "WHERE h.handle = $2";

std::string FindSql(std::string_view user) {
  return fmt::format("{}SELECT {} FROM {} AND NOT {}", kWithViewer,
                     UserColumns(), user, SeparatedByBlock("u.id"));
}

// The last column is set if a block concerns the viewer; the answer is then
// that of the statement above.
std::string FindWithoutBlocksSql(std::string_view user) {
  return fmt::format("SELECT {}, {} FROM {}",
                     UserColumns(Viewers::kWithoutBlocks), kHasBlocks, user);
}

const Statement kFindById(FindSql(kById));
const Statement kFindByIdWithoutBlocks(FindWithoutBlocksSql(kById));
const Statement kFindByHandle(FindSql(kByHandle));
const Statement kFindByHandleWithoutBlocks(FindWithoutBlocksSql(kByHandle));

const Statement kSearch(fmt::format(
    "{}SELECT {} FROM (SELECT h.handle, h.user_id FROM handles h "
    "WHERE h.handle >= $2 AND h.handle < $3 AND h.handle > $4 "
    "AND h.user_id <> 0 AND NOT {} ORDER BY h.handle LIMIT $5) page "
    "CROSS JOIN LATERAL "
    "(SELECT * FROM users WHERE id = page.user_id OFFSET 0) u "
    "ORDER BY page.handle",
    kWithViewer, UserColumns(), SeparatedByBlock("h.user_id")));

constexpr std::string_view kCredentials =
    "u.id, u.handle, u.password_hash, u.administrator";

const Statement kCredentialsByHandle(
    fmt::format("SELECT {} FROM handles h CROSS JOIN LATERAL "
                "(SELECT * FROM users WHERE id = h.user_id OFFSET 0) u "
                "WHERE h.handle = $1",
                kCredentials));

const Statement kCredentialsById(
    fmt::format("SELECT {} FROM users u WHERE u.id = $1", kCredentials));

const Statement kListAdministrators(
    "SELECT handle FROM users WHERE administrator ORDER BY handle");

// The number of columns of a user.
constexpr int kColumns = 10;

template <typename Key>
absl::StatusOr<User> Find(Connection& db, const Statement& without_blocks,
                          const Statement& statement, UserId viewer,
                          const Key& user) {
  ASSIGN_OR_RETURN(Result found, db.Query(without_blocks, viewer, user));
  if (!found.empty() && found[0].Bool(kColumns)) {
    ASSIGN_OR_RETURN(found, db.Query(statement, viewer, user));
  }
  if (found.empty()) return NoSuchUser();
  return ReadUser(found[0], 0);
}

absl::StatusOr<Credentials> OneCredentials(const Result& result) {
  if (result.empty()) return NoSuchUser();
  const Row row = result[0];
  return Credentials{UserId{row.Int(0)}, row.Text(1), row.Text(2), row.Bool(3)};
}

}  // namespace

Statements UserStatements() {
  return {
      {"FindUser by id", &kFindById, DistributionKey::kOwner},
      {"FindUser by id, without blocks", &kFindByIdWithoutBlocks,
       DistributionKey::kOwner},
      {"FindUser by handle, without blocks", &kFindByHandleWithoutBlocks,
       DistributionKey::kOwner},
      {"FindUser by handle", &kFindByHandle, DistributionKey::kOwner},
      {"SearchUsers", &kSearch, DistributionKey::kOwner},
      {"FindCredentials by handle", &kCredentialsByHandle,
       DistributionKey::kOwner},
      {"FindCredentials by id", &kCredentialsById, DistributionKey::kViewer},
      {"ListAdministrators", &kListAdministrators, DistributionKey::kEveryUser},
  };
}

absl::Status NoSuchUser() {
  return MakeError(Reason::kUserNotFound, "there is no such user");
}

std::string UserColumns(Viewers viewers) {
  return fmt::format(
      "u.id, u.handle, u.display_name, u.bio, u.create_time, "
      "u.public_photo_count + CASE WHEN u.id = $1 "
      "THEN u.followers_photo_count + u.private_photo_count "
      "WHEN {following} THEN u.followers_photo_count ELSE 0 END, "
      "u.follower_count - {hidden_followers}, "
      "u.following_count - {hidden_following}, {following}, {followed_by}",
      fmt::arg("following", Follows("$1", "u.id")),
      fmt::arg("followed_by", Follows("u.id", "$1")),
      fmt::arg("hidden_followers",
               CountSeparated(viewers, "follows", "follower_id",
                              "t.followee_id = u.id", "u.follower_count",
                              kListsOnly)),
      fmt::arg(
          "hidden_following",
          CountSeparated(viewers, "follows", "followee_id",
                         "t.follower_id = u.id", "u.following_count", "")));
}

User ReadUser(const Row& row, int first) {
  User user;
  user.id = UserId{row.Int(first)};
  user.handle = row.Text(first + 1);
  user.display_name = row.Text(first + 2);
  user.bio = row.Text(first + 3);
  user.create_time = row.Time(first + 4);
  user.photo_count = row.Int32(first + 5);
  user.follower_count = row.Int32(first + 6);
  user.following_count = row.Int32(first + 7);
  user.following = row.Bool(first + 8);
  user.followed_by = row.Bool(first + 9);
  return user;
}

absl::StatusOr<User> PostgresReader::FindUser(UserId viewer,
                                              UserId user) const {
  return Find(db_, kFindByIdWithoutBlocks, kFindById, viewer, user);
}

absl::StatusOr<User> PostgresReader::FindUser(UserId viewer,
                                              std::string_view handle) const {
  return Find(db_, kFindByHandleWithoutBlocks, kFindByHandle, viewer, handle);
}

absl::StatusOr<std::vector<User>> PostgresReader::SearchUsers(
    UserId viewer, std::string_view prefix, std::string_view after,
    int limit) const {
  // The index range starts at the larger of both bounds.
  const std::string_view from = std::max(prefix, after);
  ASSIGN_OR_RETURN(const Result found,
                   db_.Query(kSearch, viewer, from, AfterPrefix(prefix), after,
                             std::int64_t{limit}));
  std::vector<User> users;
  for (const Row row : found) users.push_back(ReadUser(row, 0));
  return users;
}

absl::StatusOr<Credentials> PostgresReader::FindCredentials(
    std::string_view handle) const {
  ASSIGN_OR_RETURN(const Result found, db_.Query(kCredentialsByHandle, handle));
  return OneCredentials(found);
}

absl::StatusOr<Credentials> PostgresReader::FindCredentials(UserId user) const {
  ASSIGN_OR_RETURN(const Result found, db_.Query(kCredentialsById, user));
  return OneCredentials(found);
}

absl::StatusOr<std::vector<std::string>> PostgresReader::ListAdministrators()
    const {
  ASSIGN_OR_RETURN(const Result found, db_.Query(kListAdministrators));
  std::vector<std::string> handles;
  for (const Row row : found) handles.push_back(row.Text(0));
  return handles;
}

}  // namespace pinhole::postgres
