// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/schema/schema.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/store/postgres/migrated_database.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::OpenConnection;
using ::pinhole::testing::PostgresCluster;
using ::pinhole::testing::StatusIs;
using ::pinhole::testing::TestDatabase;
using ::testing::AllOf;
using ::testing::HasSubstr;

// What servers of version 1, and of two kinds of version 2, know.
const SchemaStep kFirst = SchemaSteps()[0];
const std::vector<SchemaStep> kOld = {kFirst};
const std::vector<SchemaStep> kCompatible = {
    kFirst, {"ALTER TABLE users ADD COLUMN pet text", 1}};
const std::vector<SchemaStep> kIncompatible = {
    kFirst, {"ALTER TABLE users DROP COLUMN bio", 2}};

class PostgresSchemaTest : public ::testing::Test {
 protected:
  std::unique_ptr<Connection> Open(
      ConnectionKind kind = ConnectionKind::kUpgrade) {
    return OpenConnection(database_.uri(), kind);
  }
  int Version() { return ReadSchemaVersion(*db_).value().version; }

  TestDatabase database_;
  const std::unique_ptr<Connection> db_ = Open();
};

TEST_F(PostgresSchemaTest, CreatesTheTablesOfAnEmptyDatabase) {
  EXPECT_EQ(Version(), 0);
  ASSERT_THAT(Migrate(*db_), IsOk());
  EXPECT_EQ(Version(), static_cast<int>(SchemaSteps().size()));
}

TEST_F(PostgresSchemaTest, GivesEachDatabaseASecretThatStays) {
  ASSERT_THAT(Migrate(*db_), IsOk());
  const std::string secret = ReadSecret(*db_).value();
  EXPECT_EQ(secret.size(), 32u);
  ASSERT_THAT(Migrate(*db_, kCompatible), IsOk());
  EXPECT_EQ(ReadSecret(*db_).value(), secret);

  const TestDatabase other;
  const auto other_db = OpenConnection(other.uri(), ConnectionKind::kUpgrade);
  ASSERT_THAT(Migrate(*other_db), IsOk());
  EXPECT_NE(ReadSecret(*other_db).value(), secret);
}

TEST_F(PostgresSchemaTest, ServersThatStartTogetherRunEachStepOnce) {
  std::vector<absl::Status> results(4);
  std::vector<std::thread> servers;
  for (absl::Status& result : results) {
    servers.emplace_back(
        [this, &result] { result = Migrate(*Open(), kCompatible); });
  }
  for (std::thread& server : servers) server.join();
  EXPECT_THAT(results, ::testing::Each(IsOk()));
  EXPECT_EQ(Version(), 2);
}

TEST_F(PostgresSchemaTest, AnOlderServerUsesTablesThatItUnderstands) {
  ASSERT_THAT(Migrate(*db_, kOld), IsOk());
  ASSERT_THAT(Migrate(*db_, kCompatible), IsOk());
  EXPECT_THAT(Migrate(*db_, kOld), IsOk());
  EXPECT_EQ(Version(), 2);
}

TEST_F(PostgresSchemaTest, AnOlderServerRefusesTablesThatItDoesNotUnderstand) {
  ASSERT_THAT(Migrate(*db_, kIncompatible), IsOk());
  EXPECT_THAT(Migrate(*db_, kOld),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("newer version of Pinhole"),
                             HasSubstr("schema version 2"),
                             HasSubstr("supports up to 1"))));
}

TEST_F(PostgresSchemaTest, AFailedStepChangesNothingAndCanBeRunAgain) {
  ASSERT_THAT(Migrate(*db_, kOld), IsOk());
  const std::vector<SchemaStep> broken = {
      kFirst, {"ALTER TABLE users ADD COLUMN pet text; SELECT 1 / 0", 1}};
  EXPECT_FALSE(Migrate(*db_, broken).ok());
  EXPECT_EQ(Version(), 1);
  EXPECT_THAT(Migrate(*db_, kCompatible), IsOk());
}

// A read that waited behind a step exceeded its time limit.
TEST_F(PostgresSchemaTest, AStepWaitsMuchShorterForALockThanReadsMayTake) {
  const std::vector<SchemaStep> steps = {
      kFirst,
      {"CREATE TABLE wait AS SELECT setting::integer AS milliseconds "
       "FROM pg_settings WHERE name = 'lock_timeout'",
       1}};
  ASSERT_THAT(Migrate(*db_, steps), IsOk());

  const auto limits = Open(ConnectionKind::kReader)
                          ->QueryOnce(
                              "SELECT milliseconds, setting::integer "
                              "FROM wait CROSS JOIN pg_settings "
                              "WHERE name = 'statement_timeout'");
  ASSERT_THAT(limits, IsOk());
  EXPECT_GT((*limits)[0].Int32(0), 0);
  EXPECT_LE(10 * (*limits)[0].Int32(0), (*limits)[0].Int32(1));
}

TEST_F(PostgresSchemaTest, AStepThatIsInTheWayOfATransactionGivesUp) {
  ASSERT_THAT(Migrate(*db_, kOld), IsOk());
  const auto other = Open();
  ASSERT_THAT(other->Execute("BEGIN; LOCK TABLE users IN ROW SHARE MODE"),
              IsOk());

  EXPECT_THAT(Migrate(*db_, kCompatible),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(other->Execute("COMMIT"), IsOk());
  EXPECT_EQ(Version(), 1);
  EXPECT_THAT(Migrate(*db_, kCompatible), IsOk());
}

TEST_F(PostgresSchemaTest, CurrentTablesAreOnlyRead) {
  ASSERT_THAT(Migrate(*db_), IsOk());
  EXPECT_THAT(Migrate(*Open(ConnectionKind::kReader)), IsOk());
}

TEST_F(PostgresSchemaTest, RefusesADatabaseOfAnotherApplication) {
  database_.Run("CREATE TABLE orders (id integer)");
  EXPECT_THAT(Migrate(*db_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                      HasSubstr("another application")));
}

TEST_F(PostgresSchemaTest, RefusesADatabaseThatIsNotUtf8) {
  database_.Run(
      "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' "
      "TEMPLATE template0");
  {
    const auto ascii = OpenConnection(PostgresCluster::Shared().Uri("ascii"),
                                      ConnectionKind::kUpgrade);
    EXPECT_THAT(Migrate(*ascii),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         AllOf(HasSubstr("UTF8"), HasSubstr("SQL_ASCII"))));
  }
  PostgresCluster::Shared().DropDatabase("ascii");
}

}  // namespace
}  // namespace pinhole::postgres
