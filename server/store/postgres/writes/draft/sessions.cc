// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/draft/sessions.h"

#include "base/status_macros.h"
#include "server/model/limits.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {

void Sessions::Touch(SessionId session, absl::Time expire_time,
                     absl::Time now) {
  const auto [touched, first] = touched_.try_emplace(session, expire_time);
  // A session that has ended stays so.
  if (!first && touched->second > now) touched->second = expire_time;
}

absl::StatusOr<Session> Sessions::Find(const WriteTransaction& transaction,
                                       SessionId session) {
  static const Statement kFind(
      "SELECT s.user_id, u.handle, s.token_hash, s.create_time, "
      "s.expire_time, u.administrator FROM sessions s CROSS JOIN users u "
      "WHERE s.id = $1 AND s.expire_time > $2 AND u.id = s.user_id");
  ASSIGN_OR_RETURN(const Result found,
                   transaction.db.Query(kFind, session, transaction.now));
  if (found.empty()) return store::NoSuchSession();
  const Row row = found[0];
  return Session{session,     UserId{row.Int(0)}, row.Text(1), row.Text(2),
                 row.Time(3), row.Time(4),        row.Bool(5)};
}

void Sessions::Save(Pipeline& pipeline, absl::Time now) const {
  static const Statement kInsert(
      "INSERT INTO sessions "
      "(token_hash, id, user_id, create_time, expire_time) "
      "SELECT token_hash, id, user_id, $5, expire_time "
      "FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[]) "
      "AS w(token_hash, id, user_id, expire_time) "
      "ON CONFLICT (token_hash) DO UPDATE SET id = excluded.id, "
      "user_id = excluded.user_id, create_time = excluded.create_time, "
      "expire_time = excluded.expire_time");
  Lock(pipeline);
  SaveTouched(pipeline, now);
  if (added_.empty()) return;
  std::vector<Bytes> tokens;
  std::vector<SessionId> ids;
  std::vector<UserId> users;
  std::vector<absl::Time> ends;
  for (const auto& [token, session] : added_) {
    tokens.push_back(Bytes{token});
    ids.push_back(session.id);
    users.push_back(session.user);
    ends.push_back(session.expire_time);
  }
  pipeline.Add(kInsert, tokens, ids, users, ends, now);
}

void Sessions::Lock(Pipeline& pipeline) const {
  // Two batches can each prolong a session that the other one replaces, so
  // sessions of both kinds are locked in one order.  The id of a session that
  // is replaced does not change meanwhile, because a token belongs to one user,
  // who is locked.
  static const Statement kLock(
      "SELECT id FROM sessions WHERE id = ANY(ARRAY("
      "SELECT unnest($1::bigint[]) UNION "
      "SELECT id FROM sessions WHERE token_hash = ANY($2::bytea[]))) "
      "ORDER BY id FOR NO KEY UPDATE");
  if (touched_.empty() && added_.empty()) return;
  std::vector<SessionId> ids;
  std::vector<Bytes> tokens;
  for (const auto& [id, end] : touched_) ids.push_back(id);
  for (const auto& [token, session] : added_) tokens.push_back(Bytes{token});
  pipeline.Add(kLock, ids, tokens);
}

void Sessions::SaveTouched(Pipeline& pipeline, absl::Time now) const {
  static const Statement kTouch(
      "UPDATE sessions s "
      "SET expire_time = least(w.expire_time, s.create_time + $3) "
      "FROM unnest($1::bigint[], $2::bigint[]) AS w(id, expire_time) "
      "WHERE s.id = w.id AND s.expire_time > $4");
  if (touched_.empty()) return;
  std::vector<SessionId> ids;
  std::vector<absl::Time> ends;
  for (const auto& [id, end] : touched_) {
    ids.push_back(id);
    ends.push_back(end);
  }
  pipeline.Add(kTouch, ids, ends,
               absl::ToInt64Microseconds(limits::kSessionLifetime), now);
}

}  // namespace pinhole::postgres
