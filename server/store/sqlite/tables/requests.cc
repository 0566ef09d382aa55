// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/tables/requests.h"

#include "server/model/limits.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/tables/file_keys.h"
#include "server/store/sqlite/tables/sessions.h"
#include "server/store/sqlite/tables/users.h"
#include "server/store/store_errors.h"

namespace pinhole::store {

absl::StatusOr<std::int64_t> FindRequest(Connection& db,
                                         const RequestKey& request,
                                         absl::Time now) {
  static const Sql kFind(
      "SELECT result_id, fingerprint FROM requests "
      "WHERE key = ?1 AND create_time > ?2");
  if (request.key.empty()) return 0;
  Query query(db, kFind, Blob{request.key}, now - limits::kRequestIdRetention);
  if (!query.Next()) return 0;
  if (query.Text(1) != request.fingerprint) {
    return RequestReused();
  }
  return query.Int(0);
}

void RememberRequest(WriteTransaction& transaction, const RequestKey& request,
                     std::int64_t result, UserId user) {
  // Replaces an expired key that has not been purged yet.
  static const Sql kInsert(
      "INSERT OR REPLACE INTO requests "
      "(key, fingerprint, result_id, user_id, create_time) "
      "VALUES (?1, ?2, ?3, ?4, ?5)");
  if (request.key.empty()) return;
  Query(transaction.db, kInsert, Blob{request.key}, Blob{request.fingerprint},
        result, user, transaction.now)
      .Run();
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const PurgeExpired& command) {
  static const Sql kSessions(
      "DELETE FROM sessions WHERE id IN "
      "(SELECT id FROM sessions WHERE expire_time <= ?1 "
      "ORDER BY expire_time LIMIT ?2) RETURNING token_hash");
  static const Sql kRequests(
      "DELETE FROM requests WHERE key IN "
      "(SELECT key FROM requests WHERE create_time <= ?1 "
      "ORDER BY create_time LIMIT ?2)");
  Query ended(transaction.db, kSessions, transaction.now, command.limit);
  while (ended.Next()) RecordEndedSession(transaction, ended.Text(0));
  Query(transaction.db, kRequests,
        transaction.now - limits::kRequestIdRetention, command.limit)
      .Run();
  PurgeReservedHandles(transaction, command.limit);
  PurgeUploads(transaction, command.limit);
  return Nothing{};
}

}  // namespace pinhole::store
