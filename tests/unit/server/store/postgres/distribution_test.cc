// SPDX-License-Identifier: Apache-2.0

// All statements must allow the tables to be distributed by user: one that is
// not declared to read the rows of all users must reach each row of a
// distributed table by the user to whom it belongs.

#include "server/store/postgres/schema/distribution.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/postgres/reads/fixed_plans.h"
#include "server/store/postgres/reads/statements.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/store/postgres/explain.h"
#include "tests/unit/server/store/postgres/migrated_database.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::Explain;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::MigratedTemplate;
using ::pinhole::testing::OpenConnection;
using ::pinhole::testing::Scan;
using ::pinhole::testing::ScansIn;
using ::pinhole::testing::TestDatabase;

// The tables that have no user to distribute them by.
const std::set<std::string> kDirectories = {
    "deletions", "garbage", "handles",  "meta",     "photo_owners", "removals",
    "requests",  "schema",  "sessions", "throttle", "uploads",      "writers"};

std::vector<std::string> ColumnsOf(const std::string& table) {
  std::vector<std::string> columns;
  for (const DistributedTable& distributed : DistributedTables()) {
    if (distributed.table == table) columns.emplace_back(distributed.column);
  }
  return columns;
}

class DistributionTest : public ::testing::Test {
 protected:
  TestDatabase database_{MigratedTemplate()};
  const std::unique_ptr<Connection> db_ =
      OpenConnection(database_.uri(), ConnectionKind::kReader);
};

TEST_F(DistributionTest, EveryTableIsDistributedOrADirectory) {
  const Result tables =
      db_->QueryOnce(
             "SELECT relname::text FROM pg_class WHERE relkind = 'r' "
             "AND relnamespace = 'public'::regnamespace")
          .value();
  EXPECT_GT(tables.size(), 10);
  for (const Row row : tables) {
    const std::string table = row.Text(0);
    EXPECT_NE(ColumnsOf(table).empty(), kDirectories.count(table) == 0)
        << table;
  }
}

TEST_F(DistributionTest, EveryUniqueKeyOfADistributedTableHasItsUser) {
  const Result keys =
      db_->QueryOnce(
             "SELECT c.relname::text, i.indexrelid::regclass::text, "
             "array_to_string(array(SELECT a.attname::text FROM pg_attribute a "
             "WHERE a.attrelid = c.oid AND a.attnum = ANY "
             "((i.indkey::int2[])[0:i.indnkeyatts - 1])), ' ') "
             "FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
             "WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace")
          .value();
  EXPECT_GT(keys.size(), 10);
  for (const Row key : keys) {
    if (kDirectories.count(key.Text(0)) != 0) continue;
    const std::string columns = absl::StrCat(" ", key.Text(2), " ");
    const std::vector<std::string> users = ColumnsOf(key.Text(0));
    EXPECT_TRUE(std::any_of(users.begin(), users.end(),
                            [&](const std::string& user) {
                              return absl::StrContains(
                                  columns, absl::StrCat(" ", user, " "));
                            }))
        << key.Text(1) << " has the columns" << columns;
  }
}

TEST_F(DistributionTest, StatementsReachRowsByTheUserToWhomTheyBelong) {
  ASSERT_THAT(FixPlans(*db_), IsOk());
  for (const ListedStatement& listed : ReadStatements()) {
    SCOPED_TRACE(listed.name);
    const std::vector<std::string> plan = Explain(*db_, *listed.statement);
    bool only_directories = true;
    bool by_user = true;
    for (const Scan& scan : ScansIn(plan)) {
      const std::vector<std::string> users = ColumnsOf(scan.table);
      if (users.empty()) continue;
      only_directories = false;
      by_user =
          by_user &&
          std::any_of(users.begin(), users.end(), [&](const std::string& user) {
            return absl::StrContains(scan.condition,
                                     absl::StrCat("(", user, " = "));
          });
    }
    EXPECT_EQ(only_directories, listed.key == DistributionKey::kDirectory);
    EXPECT_EQ(by_user, listed.key != DistributionKey::kEveryUser)
        << ::testing::PrintToString(plan);
  }
}

}  // namespace
}  // namespace pinhole::postgres
