// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/status.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/db/statement.h"

namespace pinhole::postgres {

// Rolls back the transaction of a connection, if one is open, when it is
// destroyed.  Begins none by itself, so that BEGIN can be part of a pipeline.
//
//   Transaction transaction(connection);
//   RETURN_IF_ERROR(transaction.Begin());
//   ...
//   return transaction.Commit();
class Transaction {
 public:
  // The connection must outlive the transaction.
  explicit Transaction(Connection& connection) : connection_(connection) {}
  ~Transaction();

  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  absl::Status Begin(const Statement& begin = kBegin);
  // An error if the transaction was rolled back because a statement failed.  If
  // the connection is lost, or has warnings afterwards, the outcome is unknown.
  absl::Status Commit();

 private:
  Connection& connection_;
};

}  // namespace pinhole::postgres
