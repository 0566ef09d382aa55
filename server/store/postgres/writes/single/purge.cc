// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/single/purge.h"

#include <cstdint>
#include <string>
#include <vector>

#include "base/status_macros.h"
#include "server/model/limits.h"
#include "server/store/postgres/writes/advisory_locks.h"
#include "server/store/postgres/writes/single/delete_user.h"
#include "server/store/postgres/writes/single/uploads.h"

namespace pinhole::postgres {
namespace {

// The time after which another server finishes the deletion of a user.
constexpr absl::Duration kUnfinished = absl::Minutes(1);

// The lock ends with the transaction.
absl::StatusOr<bool> TakeTurn(WriteTransaction& transaction) {
  static const Statement kTry("SELECT pg_try_advisory_xact_lock($1, 0)");
  ASSIGN_OR_RETURN(const Result result, transaction.db.Query(kTry, kPurgeLock));
  return result[0].Bool(0);
}

// Rows that are locked are in use; a later purge removes them.
void Purge(WriteTransaction& transaction, std::int32_t limit) {
  static const Statement kRequests(
      "DELETE FROM requests WHERE key IN "
      "(SELECT key FROM requests WHERE create_time <= $1 "
      "ORDER BY create_time, key LIMIT $2 FOR UPDATE SKIP LOCKED)");
  static const Statement kHandles(
      "DELETE FROM handles WHERE handle IN "
      "(SELECT handle FROM handles WHERE user_id = 0 AND delete_time <= $1 "
      "ORDER BY delete_time, handle LIMIT $2 FOR UPDATE SKIP LOCKED)");
  static const Statement kSessions(
      "DELETE FROM sessions WHERE id IN "
      "(SELECT id FROM sessions WHERE expire_time <= $1 "
      "ORDER BY expire_time, id LIMIT $2 FOR UPDATE SKIP LOCKED)");
  const absl::Time now = transaction.now;
  transaction.pipeline.Add(kRequests, now - limits::kRequestIdRetention, limit);
  transaction.pipeline.Add(kHandles, now - limits::kHandleReservation, limit);
  transaction.pipeline.Add(kSessions, now, limit);
}

absl::StatusOr<std::vector<UserId>> FindUnfinished(
    WriteTransaction& transaction) {
  static const Statement kFind(
      "SELECT user_id FROM deletions WHERE create_time <= $1 "
      "ORDER BY create_time, user_id");
  ASSIGN_OR_RETURN(const Result found,
                   transaction.db.Query(kFind, transaction.now - kUnfinished));
  std::vector<UserId> users;
  for (const Row row : found) users.push_back(UserId{row.Int(0)});
  return users;
}

}  // namespace

absl::StatusOr<Nothing> Run(Transactions& transactions,
                            const PurgeExpired& command) {
  std::vector<UserId> unfinished;
  RETURN_IF_ERROR(
      transactions.Run([&](WriteTransaction& transaction) -> absl::Status {
        unfinished.clear();
        ASSIGN_OR_RETURN(const bool turn, TakeTurn(transaction));
        if (!turn) return absl::OkStatus();
        ASSIGN_OR_RETURN(unfinished, FindUnfinished(transaction));
        Purge(transaction, command.limit);
        PurgeUploads(transaction, command.limit);
        return absl::OkStatus();
      }));
  int left = kMostTransactions;
  // The files are recorded as garbage, which is removed separately.
  std::vector<std::string> files;
  for (const UserId user : unfinished) {
    RETURN_IF_ERROR(DeleteRest(transactions, user, left, files));
  }
  return Nothing{};
}

}  // namespace pinhole::postgres
