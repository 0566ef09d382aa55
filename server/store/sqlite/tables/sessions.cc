// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/tables/sessions.h"

#include <utility>

#include "base/status_macros.h"
#include "server/model/limits.h"
#include "server/store/sqlite/db/page.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/tables/requests.h"
#include "server/store/sqlite/tables/users.h"
#include "server/store/store_errors.h"

namespace pinhole::store {
namespace {

const char kColumns[] =
    "SELECT s.id, s.user_id, u.handle, s.token_hash, s.create_time, "
    "s.expire_time, u.administrator FROM sessions s JOIN users u ON u.id = "
    "s.user_id ";

Session ReadSession(Query& query) {
  return Session{SessionId{query.Int(0)},
                 UserId{query.Int(1)},
                 query.Text(2),
                 query.Text(3),
                 query.Time(4),
                 query.Time(5),
                 query.Bool(6)};
}

// Times are stored in milliseconds.
absl::Time AsStored(absl::Time time) {
  return absl::FromUnixMillis(absl::ToUnixMillis(time));
}

absl::StatusOr<Session> ReadOne(Query& query) {
  if (!query.Next()) return NoSuchSession();
  return ReadSession(query);
}

absl::StatusOr<Session> FindSession(Connection& db, SessionId session,
                                    absl::Time now) {
  static const Sql kFind(std::string(kColumns) +
                         "WHERE s.id = ?1 AND s.expire_time > ?2");
  Query query(db, kFind, session, now);
  return ReadOne(query);
}

}  // namespace

absl::StatusOr<Session> FindSession(Connection& db, std::string_view token_hash,
                                    absl::Time now) {
  static const Sql kFind(std::string(kColumns) +
                         "WHERE s.token_hash = ?1 AND s.expire_time > ?2");
  Query query(db, kFind, Blob{token_hash}, now);
  return ReadOne(query);
}

Page<Session> ListSessions(Connection& db, UserId user, PageRequest page,
                           absl::Time now) {
  static const Sql kList(std::string(kColumns) +
                         "WHERE s.user_id = ?1 AND s.id < ?2 "
                         "AND s.expire_time > ?3 ORDER BY s.id DESC LIMIT ?4");
  Query query(db, kList, user, Below(page), now, RowsFor(page));
  return ReadPage<Session>(query, page.limit, ReadSession);
}

void RecordEndedSession(WriteTransaction& transaction, std::string token_hash) {
  transaction.changes.sessions.push_back(std::move(token_hash));
  --transaction.changes.rows.sessions;
}

absl::StatusOr<Session> Apply(WriteTransaction& transaction,
                              const CreateSession& command) {
  // A login that is repeated after its request key expired has the same token.
  static const Sql kReplace(
      "DELETE FROM sessions WHERE token_hash = ?1 RETURNING token_hash");
  static const Sql kInsert(
      "INSERT INTO sessions "
      "(id, user_id, token_hash, create_time, expire_time) "
      "VALUES (?1, ?2, ?3, ?4, ?5)");
  ASSIGN_OR_RETURN(
      const std::int64_t earlier,
      FindRequest(transaction.db, command.request, transaction.now));
  if (earlier != 0)
    return FindSession(transaction.db, SessionId{earlier}, transaction.now);
  ASSIGN_OR_RETURN(const Credentials user,
                   FindCredentials(transaction.db, command.user));
  if (user.password_hash != command.password_hash) {
    return PasswordChanged();
  }
  {
    Query replaced(transaction.db, kReplace, Blob{command.token_hash});
    while (replaced.Next()) RecordEndedSession(transaction, replaced.Text(0));
  }
  const SessionId id{transaction.NewId()};
  Query(transaction.db, kInsert, id, command.user, Blob{command.token_hash},
        transaction.now, command.expire_time)
      .Run();
  RememberRequest(transaction, command.request, id.value, command.user);
  transaction.changes.sessions.push_back(command.token_hash);
  ++transaction.changes.rows.sessions;
  // FindSession would not find a session that ends in the past.
  return Session{id,
                 command.user,
                 user.handle,
                 command.token_hash,
                 AsStored(transaction.now),
                 AsStored(command.expire_time),
                 user.administrator};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const DeleteSession& command) {
  static const Sql kDelete(
      "DELETE FROM sessions WHERE id = ?1 AND user_id = ?2 "
      "RETURNING token_hash");
  Query query(transaction.db, kDelete, command.session, command.user);
  if (!query.Next()) return NoSuchSession();
  RecordEndedSession(transaction, query.Text(0));
  query.Run();
  return Nothing{};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const TouchSession& command) {
  static const Sql kUpdate(
      "UPDATE sessions SET expire_time = min(?2, create_time + ?3) "
      "WHERE id = ?1 AND expire_time > ?4 RETURNING token_hash");
  Query query(transaction.db, kUpdate, command.session, command.expire_time,
              static_cast<std::int64_t>(
                  absl::ToInt64Milliseconds(limits::kSessionLifetime)),
              transaction.now);
  while (query.Next()) transaction.changes.sessions.push_back(query.Text(0));
  return Nothing{};
}

}  // namespace pinhole::store
