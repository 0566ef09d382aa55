// SPDX-License-Identifier: Apache-2.0

// How the tables could be distributed over several databases by user, as Citus
// or YugabyteDB do.  Nothing is distributed yet; the tests check that all
// statements allow it (distribution_test.cc).

#pragma once

#include <span>
#include <string_view>

#include "server/store/postgres/db/statement.h"

namespace pinhole::postgres {

// A table whose rows belong to the user in `column`.  A table that is listed
// with two columns would be kept twice, once for each.  All other tables are
// directories: they lead from a key to the user, or are small.
struct DistributedTable {
  std::string_view table;
  std::string_view column;
};
std::span<const DistributedTable> DistributedTables();

// The user whose rows a statement reads or writes.
enum class DistributionKey {
  kViewer,     // The caller.
  kOwner,      // The user looked at, or the owner of the photo.
  kDirectory,  // None: the statement uses only directories.
  // The rows of all users.  Not for frequent statements.
  kEveryUser,
};

struct ListedStatement {
  std::string_view name;
  const Statement* statement = nullptr;
  DistributionKey key = DistributionKey::kEveryUser;
};

}  // namespace pinhole::postgres
