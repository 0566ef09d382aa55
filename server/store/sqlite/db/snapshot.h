// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "server/store/sqlite/db/query.h"

namespace pinhole::store {

// A read transaction: several queries see the same state of the database.
class Snapshot {
 public:
  explicit Snapshot(Connection& connection) : connection_(connection) {
    static const Sql kBegin("BEGIN");
    Query(connection_, kBegin).Run();
  }
  ~Snapshot() { connection_.Rollback(); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Connection& connection_;
};

}  // namespace pinhole::store
