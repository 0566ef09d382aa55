// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/tables/reserved_handles.h"

#include "fmt/format.h"
#include "server/model/limits.h"

namespace pinhole::store {

void ReserveHandle(WriteTransaction& transaction, UserId user) {
  // Replaces one that is too old and has not been purged yet.
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
  return absl::AlreadyExistsError(fmt::format(
      "the handle {} was in use until recently; it can be taken again {} days "
      "after its account was deleted",
      handle, limits::kHandleReservation / absl::Hours(24)));
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
