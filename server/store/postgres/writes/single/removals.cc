// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/single/removals.h"

#include <cstdint>

#include "base/status_macros.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {

absl::StatusOr<bool> IsAdministrator(WriteTransaction& transaction,
                                     UserId user) {
  static const Statement kFind("SELECT administrator FROM users WHERE id = $1");
  ASSIGN_OR_RETURN(const Result found, transaction.db.Query(kFind, user));
  return !found.empty() && found[0].Bool(0);
}

absl::StatusOr<Removal> RecordRemoval(WriteTransaction& transaction,
                                      UserId administrator, UserId owner,
                                      Removal removed) {
  static const Statement kInsert(
      "INSERT INTO removals (id, kind, administrator, owner, photo_id, "
      "comment_id, create_time) SELECT $1, $2, a.handle, o.handle, $3, $4, $5 "
      "FROM users a CROSS JOIN users o WHERE a.id = $6 AND o.id = $7 "
      "RETURNING administrator, owner");
  removed.id = transaction.NewId();
  removed.time = transaction.now;
  ASSIGN_OR_RETURN(const Result inserted,
                   transaction.db.Query(kInsert, removed.id,
                                        static_cast<std::int32_t>(removed.kind),
                                        removed.photo, removed.comment,
                                        removed.time, administrator, owner));
  if (inserted.empty()) return store::NoSuchUser();
  removed.administrator = inserted[0].Text(0);
  removed.owner = inserted[0].Text(1);
  return removed;
}

}  // namespace pinhole::postgres
