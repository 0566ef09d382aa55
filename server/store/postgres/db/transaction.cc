// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/db/transaction.h"

namespace pinhole::postgres {

Transaction::~Transaction() {
  // If this fails, the connection is lost, and the transaction with it.
  if (connection_.in_transaction()) {
    (void)connection_.Execute("ROLLBACK");
  }
}

absl::Status Transaction::Begin(const Statement& begin) {
  return connection_.Query(begin).status();
}

absl::Status Transaction::Commit() {
  return connection_.Query(kCommit).status();
}

}  // namespace pinhole::postgres
