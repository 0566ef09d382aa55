// SPDX-License-Identifier: Apache-2.0

// Plans of statements, as PostgreSQL prints them.

#pragma once

#include <string>
#include <vector>

#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/db/statement.h"

namespace pinhole::testing {

// The lines of the plan for any parameters.
std::vector<std::string> Explain(postgres::Connection& db,
                                 const postgres::Statement& statement);

// Runs the statement with `arguments`, SQL expressions, and returns the number
// of pages that it read, from memory or from the disk.
int PagesRead(postgres::Connection& db, const postgres::Statement& statement,
              const std::vector<std::string>& arguments);

// A table or an index that a plan reads.
struct Scan {
  std::string table;
  std::string condition;  // Of the index; empty if all rows are read.
};
std::vector<Scan> ScansIn(const std::vector<std::string>& plan);

}  // namespace pinhole::testing
