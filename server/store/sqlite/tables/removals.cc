// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/tables/removals.h"

#include "server/store/sqlite/db/page.h"
#include "server/store/sqlite/db/query.h"

namespace pinhole::store {
namespace {

Removal ReadRemoval(Query& query) {
  return Removal{.id = query.Int(0),
                 .kind = static_cast<Removal::Kind>(query.Int(1)),
                 .administrator = query.Text(2),
                 .owner = query.Text(3),
                 .photo = PhotoId{query.Int(4)},
                 .comment = CommentId{query.Int(5)},
                 .time = query.Time(6)};
}

}  // namespace

Page<Removal> ListRemovals(Connection& db, PageRequest page) {
  static const Sql kList(
      "SELECT id, kind, administrator, owner, photo_id, comment_id, "
      "create_time FROM removals WHERE id < ?1 ORDER BY id DESC LIMIT ?2");
  Query query(db, kList, Below(page), RowsFor(page));
  return ReadPage<Removal>(query, page.limit, ReadRemoval);
}

Removal RecordRemoval(WriteTransaction& transaction, UserId administrator,
                      UserId owner, Removal removed) {
  static const Sql kInsert(
      "INSERT INTO removals (id, kind, administrator, owner, photo_id, "
      "comment_id, create_time) SELECT ?1, ?2, a.handle, o.handle, ?3, ?4, ?5 "
      "FROM users a CROSS JOIN users o WHERE a.id = ?6 AND o.id = ?7 "
      "RETURNING id, kind, administrator, owner, photo_id, comment_id, "
      "create_time");
  Query query(transaction.db, kInsert, transaction.NewId(),
              static_cast<int>(removed.kind), removed.photo, removed.comment,
              transaction.now, administrator, owner);
  query.Next();
  removed = ReadRemoval(query);
  query.Run();
  return removed;
}

}  // namespace pinhole::store
