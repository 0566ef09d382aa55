// SPDX-License-Identifier: Apache-2.0

// Moves the content of another store into an empty database.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/moved_rows.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/db/transaction.h"

namespace pinhole::postgres {

// One transaction: until `Commit` has succeeded, the database stays empty,
// however the program ends.  For one thread.
class Import {
 public:
  // Creates or upgrades the tables, locks all of them and checks that they are
  // empty.  Errors: FAILED_PRECONDITION (the database is not empty, a server
  // uses it, or as `Migrate`), UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<Import>> Begin(const std::string& uri);

  // Adds the rows that `read` passes to its argument.  Errors: DATA_LOSS (their
  // number is not `table.rows`), and those of `read` and of the database.
  using Read = absl::FunctionRef<absl::Status(MovedRowVisitor)>;
  absl::Status Add(const MovedTable& table, Read read);

  // Recomputes all stored counts, lets new ids begin above `last_id`, sets the
  // secret and commits.  Errors: DATA_LOSS (a count is wrong), and those of the
  // database; UNAVAILABLE, OUTCOME_UNKNOWN, if PostgreSQL did not confirm the
  // commit.
  absl::Status Commit(std::string_view secret, std::int64_t last_id,
                      absl::Time now);

 private:
  explicit Import(std::unique_ptr<Connection> db)
      : db_(std::move(db)), transaction_(*db_) {}

  absl::Status LockTables();
  absl::Status RequireUnused(const std::string& database);
  absl::Status Recount();

  const std::unique_ptr<Connection> db_;
  Transaction transaction_;
  std::vector<std::string> tables_;
};

}  // namespace pinhole::postgres
