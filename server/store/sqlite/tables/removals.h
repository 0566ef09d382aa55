// SPDX-License-Identifier: Apache-2.0

// The record of what administrators removed.  It is kept for good: a row has
// about 100 bytes, and only administrators add any.

#ifndef PINHOLE_SERVER_STORE_SQLITE_TABLES_REMOVALS_H_
#define PINHOLE_SERVER_STORE_SQLITE_TABLES_REMOVALS_H_

#include "server/model/ids.h"
#include "server/model/removal.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/write_transaction.h"
#include "server/store/store.h"

namespace pinhole::store {

Page<Removal> ListRemovals(Connection& db, PageRequest page);

// Records that `administrator` removes something of `owner`'s.  Of `removed`
// only kind, photo and comment are looked at.  Both users must still be there.
Removal RecordRemoval(WriteTransaction& transaction, UserId administrator,
                      UserId owner, Removal removed);

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_TABLES_REMOVALS_H_
