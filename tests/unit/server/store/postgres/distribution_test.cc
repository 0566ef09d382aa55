// SPDX-License-Identifier: Apache-2.0

// All statements must allow the tables to be distributed by user: one that is
// not declared to read the rows of all users must reach each row of a
// distributed table by the user to whom it belongs.

#include "server/store/postgres/schema/distribution.h"

#include <algorithm>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/postgres/reads/fixed_plans.h"
#include "server/store/postgres/reads/statements.h"
#include "server/store/postgres/writes/batch/run_batch.h"
#include "server/store/postgres/writes/single/run_single.h"
#include "tests/contract/random_commands.h"
#include "tests/support/manual_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/store/postgres/explain.h"
#include "tests/unit/server/store/postgres/migrated_database.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::Explain;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::ManualClock;
using ::pinhole::testing::MigratedTemplate;
using ::pinhole::testing::OpenConnection;
using ::pinhole::testing::RandomCommands;
using ::pinhole::testing::Scan;
using ::pinhole::testing::ScansIn;
using ::pinhole::testing::TestDatabase;
using ::testing::ElementsAre;

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

// Whether the rows of a distributed table are reached by their user.
bool ByUser(const Scan& scan) {
  const std::vector<std::string> users = ColumnsOf(scan.table);
  return std::any_of(users.begin(), users.end(), [&](const std::string& user) {
    return absl::StrContains(scan.condition, absl::StrCat("(", user, " = "));
  });
}

// The distributed tables in a plan, in the order of the alphabet, with the user
// by whom their rows are reached, for example "Update photos by owner_id".  The
// user of an inserted row is in the row.
std::string KeysIn(const std::vector<std::string>& plan) {
  static const std::regex kModify(
      " *(?:->  )?(Insert|Update|Delete) on ([a-z_]+).*");
  std::set<std::string> keys;
  std::set<std::string> modified;
  for (const std::string& line : plan) {
    std::smatch match;
    if (!std::regex_match(line, match, kModify)) continue;
    const std::string table = match[2];
    modified.insert(table);
    const std::vector<std::string> users = ColumnsOf(table);
    if (users.empty()) continue;
    keys.insert(absl::StrCat(match[1].str(), " ", table, " by ",
                             absl::StrJoin(users, " and ")));
  }
  const std::string_view verb =
      absl::StartsWith(plan.front(), "LockRows") ? "Lock " : "Read ";
  for (const Scan& scan : ScansIn(plan)) {
    const std::vector<std::string> users = ColumnsOf(scan.table);
    if (users.empty() || modified.contains(scan.table)) continue;
    keys.insert(absl::StrCat(std::string(verb), scan.table, " by ",
                             absl::StrJoin(users, " and ")));
  }
  return absl::StrJoin(keys, ", ");
}

// Whether all rows of distributed tables in a plan are reached by their user.
bool ByUser(const std::vector<std::string>& plan) {
  const std::vector<Scan> scans = ScansIn(plan);
  return std::all_of(scans.begin(), scans.end(), [](const Scan& scan) {
    return ColumnsOf(scan.table).empty() || ByUser(scan);
  });
}

// A statement that a lane has prepared.
struct Prepared {
  std::string sql;
  std::vector<std::string> plan;
};

class DistributionTest : public ::testing::Test {
 protected:
  // Runs random commands of every kind on the lanes of a server, and returns
  // the statements of batches and of single commands without those of reads.
  std::pair<std::vector<Prepared>, std::vector<Prepared>> RunCommands() {
    const ManualClock clock;
    Lane batches({.uri = database_.uri(),
                  .instance = "test",
                  .number = 0,
                  .clock = &clock});
    Lane singles({.uri = database_.uri(),
                  .instance = "test",
                  .number = 1,
                  .clock = &clock});
    RandomCommands random(1, clock);
    std::vector<std::shared_ptr<Attempt>> batch;
    for (int i = 0; i < kCommands; ++i) {
      const Command command = random.Next();
      const auto attempt = std::make_shared<Attempt>(store::PendingWrite{
          command,
          {},
          [&random, command](const absl::StatusOr<CommandResult>& result) {
            if (result.ok()) random.Learn(command, *result);
          }});
      const bool batched = IsBatched(command);
      if (batched) batch.push_back(attempt);
      if (!batched || batch.size() == kBatch) {
        RunBatch(batches, std::exchange(batch, {}));
      }
      if (batched) continue;
      Transactions transactions(singles, attempt);
      attempt->Answer(RunSingle(transactions, command));
    }
    return {PreparedOn(batches), PreparedOn(singles)};
  }
  static std::vector<Prepared> PreparedOn(Lane& lane) {
    std::vector<Prepared> all;
    const absl::Status status =
        lane.Run({}, 1, [&](WriteTransaction& transaction) {
          EXPECT_THAT(transaction.pipeline.Flush(), IsOk());
          all = PreparedOn(transaction.db);
          return absl::OkStatus();
        });
    EXPECT_THAT(status, IsOk());
    return all;
  }
  static std::vector<Prepared> PreparedOn(Connection& db) {
    const Result statements =
        db.QueryOnce(
              "SELECT name, statement, cardinality(parameter_types) "
              "FROM pg_prepared_statements WHERE statement !~ "
              "'^(BEGIN|COMMIT)' "
              "ORDER BY statement")
            .value();
    std::set<std::string> reads;
    for (const ListedStatement& listed : ReadStatements()) {
      reads.insert(listed.statement->sql());
    }
    std::vector<Prepared> all;
    for (const Row row : statements) {
      if (reads.contains(row.Text(1))) continue;
      const std::vector<std::string> nulls(row.Int32(2), "NULL");
      const Result plan =
          db.QueryOnce(absl::StrCat("EXPLAIN (COSTS OFF) EXECUTE \"",
                                    row.Text(0), "\"", nulls.empty() ? "" : "(",
                                    absl::StrJoin(nulls, ", "),
                                    nulls.empty() ? "" : ")"))
              .value();
      all.push_back({row.Text(1), {}});
      for (const Row line : plan) all.back().plan.push_back(line.Text(0));
    }
    return all;
  }

  static constexpr int kCommands = 4000;
  static constexpr std::size_t kBatch = 5;
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
      if (ColumnsOf(scan.table).empty()) continue;
      only_directories = false;
      by_user = by_user && ByUser(scan);
    }
    EXPECT_EQ(only_directories, listed.key == DistributionKey::kDirectory);
    EXPECT_EQ(by_user, listed.key != DistributionKey::kEveryUser)
        << ::testing::PrintToString(plan);
  }
}

// The frequent commands.  A comment is found by its author only if a request is
// repeated for another photo.
TEST_F(DistributionTest, CommandsReachRowsByTheUserToWhomTheyBelong) {
  const auto [batches, singles] = RunCommands();
  std::set<std::string> keys;
  for (const auto& [sql, plan] : batches) {
    if (absl::StrContains(sql, "WHERE c.author_id = $1 AND c.id = $2"))
      continue;
    EXPECT_TRUE(ByUser(plan)) << sql << ::testing::PrintToString(plan);
    keys.insert(KeysIn(plan));
  }
  keys.erase("");  // Directories only.
  EXPECT_EQ(absl::StrJoin(keys, "\n"),
            "Delete follows by follower_id and followee_id\n"
            "Delete likes by owner_id\n"
            "Delete notifications by user_id\n"
            "Insert comments by owner_id\n"
            "Insert follows by follower_id and followee_id\n"
            "Insert likes by owner_id\n"
            "Insert notifications by user_id\n"
            "Insert photos by owner_id\n"
            "Insert users by id\n"
            "Lock photos by owner_id\n"
            "Lock users by id\n"
            "Read blocks by user_id\n"
            "Read blocks by user_id, "
            "Read follows by follower_id and followee_id\n"
            "Read blocks by user_id, Read likes by owner_id\n"
            "Read blocks by user_id, Read likes by owner_id, "
            "Read photos by owner_id\n"
            "Read comments by owner_id, Read users by id\n"
            "Read users by id\n"
            "Update notifications by user_id\n"
            "Update photos by owner_id\n"
            "Update users by id");
  // The deletion of an account finds what its user left with others.
  std::set<std::string> of_every_user;
  for (const auto& [sql, plan] : singles) {
    if (!ByUser(plan)) of_every_user.insert(sql);
  }
  EXPECT_THAT(of_every_user,
              ElementsAre("SELECT owner_id, photo_id, id FROM comments "
                          "WHERE author_id = $1 "
                          "ORDER BY owner_id, photo_id LIMIT $2",
                          "SELECT owner_id, photo_id, user_id FROM likes "
                          "WHERE user_id = $1 "
                          "ORDER BY owner_id, photo_id LIMIT $2"));
}

}  // namespace
}  // namespace pinhole::postgres
