// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/monitor/space.h"

#include <random>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/db/transaction.h"

namespace pinhole::postgres {

absl::Status CheckSpace(Connection& db) {
  Transaction transaction(db);  // Rolls back.
  RETURN_IF_ERROR(transaction.Begin());
  // Two servers that use the same name would wait for each other.
  std::random_device random;
  return db.Execute(
      fmt::format("CREATE UNLOGGED TABLE space_check_{:08x}{:08x} AS "
                  "SELECT repeat('x', 1000) FROM generate_series(1, 1000)",
                  random(), random()));
}

}  // namespace pinhole::postgres
