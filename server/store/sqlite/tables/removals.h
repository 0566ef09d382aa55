// SPDX-License-Identifier: Apache-2.0

// The record of content that administrators removed.  Rows are kept forever: a
// row has about 100 bytes, and only administrators add rows.

#pragma once

#include "server/model/ids.h"
#include "server/model/removal.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/write_transaction.h"
#include "server/store/store.h"

namespace pinhole::store {

Page<Removal> ListRemovals(Connection& db, PageRequest page);

// Records that `administrator` removes content of `owner`, with the kind, photo
// and comment of `removed`.  Both users must exist.
Removal RecordRemoval(WriteTransaction& transaction, UserId administrator,
                      UserId owner, Removal removed);

}  // namespace pinhole::store
