// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/db/connection.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/postgres/db/postgres_error.h"
#include "server/store/postgres/db/transaction.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/status_matchers.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::PostgresCluster;
using ::pinhole::testing::StatusIs;
using ::pinhole::testing::TestDatabase;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ConnectionTest : public ::testing::Test {
 protected:
  std::unique_ptr<Connection> Open(
      ConnectionKind kind = ConnectionKind::kWriter) {
    auto connection = Connection::Open(
        {.uri = database_.uri(), .kind = kind, .application_name = "test"});
    EXPECT_THAT(connection, IsOk());
    return *std::move(connection);
  }
  // A statement that cannot end by itself, on a connection of its own.
  static constexpr const char* kSleep = "SELECT pg_sleep(60)";

  TestDatabase database_;
};

TEST_F(ConnectionTest, ReturnsEveryTypeOfParameterUnchanged) {
  const std::unique_ptr<Connection> db = Open();
  const Statement echo("SELECT $1, $2, $3, $4, $5, $6, $7, $8");
  const std::string bytes("\0\xff", 2);
  const absl::Time time = absl::FromUnixMicros(1'700'000'000'123'456);
  const auto result = db->Query(echo, std::numeric_limits<std::int64_t>::min(),
                                std::int32_t{-7}, true, 0.25, "größer",
                                Bytes{bytes}, time, UserId{9});
  ASSERT_THAT(result, IsOk());
  ASSERT_EQ(result->size(), 1);
  const Row row = (*result)[0];
  EXPECT_EQ(row.Int(0), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(row.Int32(1), -7);
  EXPECT_TRUE(row.Bool(2));
  EXPECT_EQ(row.Double(3), 0.25);
  EXPECT_EQ(row.Text(4), "größer");
  EXPECT_EQ(row.Text(5), bytes);
  EXPECT_EQ(row.Time(6), time);
  EXPECT_EQ(row.Int(7), 9);
}

TEST_F(ConnectionTest, PassesAbsentValuesAsNull) {
  const std::unique_ptr<Connection> db = Open();
  const Statement echo("SELECT $1, $2");
  for (const bool present : {false, true}) {
    std::optional<std::int64_t> number;
    std::optional<std::string> text;
    if (present) number = 3, text = "";
    const auto result = db->Query(echo, number, text);
    ASSERT_THAT(result, IsOk());
    EXPECT_EQ((*result)[0].OptionalInt(0), number);
    EXPECT_EQ((*result)[0].OptionalText(1), text);
    EXPECT_EQ((*result)[0].IsNull(1), !present);
  }
}

TEST_F(ConnectionTest, PassesArraysOfEachType) {
  const std::unique_ptr<Connection> db = Open();
  const Statement unnest(
      "SELECT n, t, b, o, f FROM unnest($1, $2, $3, $4, $5) AS u(n, t, b, o, "
      "f)");
  const std::vector<PhotoId> numbers = {{5}, {-1}};
  const std::vector<std::string> texts = {"a", ""};
  const std::vector<Bytes> bytes = {{"x"}, {""}};
  const std::vector<std::optional<std::int64_t>> optionals = {{}, 8};
  const std::vector<bool> flags = {true, false};
  const auto result =
      db->Query(unnest, numbers, texts, bytes, optionals, flags);
  ASSERT_THAT(result, IsOk());
  ASSERT_EQ(result->size(), 2);
  EXPECT_EQ((*result)[0].Int(0), 5);
  EXPECT_EQ((*result)[1].Int(0), -1);
  EXPECT_EQ((*result)[0].Text(1), "a");
  EXPECT_EQ((*result)[1].Text(1), "");
  EXPECT_EQ((*result)[0].Text(2), "x");
  EXPECT_EQ((*result)[1].Text(2), "");
  EXPECT_EQ((*result)[0].OptionalInt(3), std::nullopt);
  EXPECT_EQ((*result)[1].OptionalInt(3), 8);
  EXPECT_TRUE((*result)[0].Bool(4));
  EXPECT_FALSE((*result)[1].Bool(4));

  const auto empty = db->Query(unnest, std::vector<PhotoId>(),
                               std::vector<std::string>(), std::vector<Bytes>(),
                               std::vector<std::optional<std::int64_t>>(),
                               std::vector<bool>());
  ASSERT_THAT(empty, IsOk());
  EXPECT_TRUE(empty->empty());
}

TEST_F(ConnectionTest, ReadsArraysOfNumbers) {
  const std::unique_ptr<Connection> db = Open();
  const std::vector<std::int64_t> numbers = {1, -2, 3};
  const auto result =
      db->QueryOnce("SELECT $1, '{}'::bigint[]", Params(numbers));
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ((*result)[0].Ints(0), numbers);
  EXPECT_THAT((*result)[0].Ints(1), IsEmpty());
}

TEST_F(ConnectionTest, CountsTheRowsOfAChange) {
  const std::unique_ptr<Connection> db = Open();
  ASSERT_THAT(db->Execute("CREATE TABLE t (id bigint);"
                          "INSERT INTO t VALUES (1), (2), (3)"),
              IsOk());
  const Statement remove("DELETE FROM t WHERE id > $1");
  const auto result = db->Query(remove, std::int64_t{1});
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->rows_affected(), 2);
}

TEST_F(ConnectionTest, PreparesAStatementOnce) {
  const std::unique_ptr<Connection> db = Open();
  const Statement one("SELECT 1");
  for (int i = 0; i < 3; ++i) ASSERT_THAT(db->Query(one), IsOk());
  EXPECT_EQ(db->TakeQueries(), 3);
  EXPECT_EQ(db->TakeQueries(), 0);
  const auto prepared = db->QueryOnce(
      "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT "
      "1'");
  ASSERT_THAT(prepared, IsOk());
  EXPECT_EQ((*prepared)[0].Int(0), 1);
}

TEST_F(ConnectionTest, ReadersCannotWrite) {
  const std::unique_ptr<Connection> db = Open(ConnectionKind::kReader);
  const absl::Status status = db->Execute("CREATE TABLE t (id bigint)");
  EXPECT_TRUE(IsReadOnly(status)) << status;
}

TEST_F(ConnectionTest, WritersDoNotWaitLongForALock) {
  const std::unique_ptr<Connection> holder = Open();
  const std::unique_ptr<Connection> other = Open();
  ASSERT_THAT(holder->Execute("CREATE TABLE t (id bigint);"), IsOk());
  ASSERT_THAT(holder->Execute("BEGIN; LOCK TABLE t"), IsOk());
  const absl::Status status = other->Execute("BEGIN; LOCK TABLE t");
  EXPECT_TRUE(IsConflict(status)) << status;
  EXPECT_FALSE(other->lost());
}

TEST_F(ConnectionTest, AViolatedConstraintIsRecognized) {
  const std::unique_ptr<Connection> db = Open();
  ASSERT_THAT(db->Execute("CREATE TABLE t (id bigint PRIMARY KEY)"), IsOk());
  const Statement insert("INSERT INTO t VALUES ($1)");
  ASSERT_THAT(db->Query(insert, std::int64_t{1}), IsOk());
  const absl::Status status = db->Query(insert, std::int64_t{1}).status();
  EXPECT_TRUE(IsConstraintViolation(status)) << status;
  EXPECT_EQ(SqlStateOf(status), "23505");
  EXPECT_FALSE(IsConnectionLost(status));
}

TEST_F(ConnectionTest, ATransactionThatIsNotCommittedIsRolledBack) {
  const std::unique_ptr<Connection> db = Open();
  ASSERT_THAT(db->Execute("CREATE TABLE t (id bigint)"), IsOk());
  {
    Transaction transaction(*db);
    ASSERT_THAT(transaction.Begin(), IsOk());
    ASSERT_THAT(db->Execute("INSERT INTO t VALUES (1)"), IsOk());
    EXPECT_TRUE(db->in_transaction());
  }
  EXPECT_FALSE(db->in_transaction());
  {
    Transaction transaction(*db);
    ASSERT_THAT(transaction.Begin(), IsOk());
    ASSERT_THAT(db->Execute("INSERT INTO t VALUES (2)"), IsOk());
    ASSERT_THAT(transaction.Commit(), IsOk());
  }
  const auto rows = db->QueryOnce("SELECT id FROM t");
  ASSERT_THAT(rows, IsOk());
  ASSERT_EQ(rows->size(), 1);
  EXPECT_EQ((*rows)[0].Int(0), 2);
}

TEST_F(ConnectionTest, CommittingAFailedTransactionIsAnError) {
  const std::unique_ptr<Connection> db = Open();
  Transaction transaction(*db);
  ASSERT_THAT(transaction.Begin(), IsOk());
  ASSERT_FALSE(db->Execute("SELECT 1/0").ok());
  EXPECT_THAT(transaction.Commit(),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("rolled back")));
}

TEST_F(ConnectionTest, ReportsWarningsButNotNotices) {
  const std::unique_ptr<Connection> db = Open();
  ASSERT_THAT(db->Execute("DO $$BEGIN RAISE NOTICE 'a note';"
                          "RAISE WARNING 'take care'; END$$"),
              IsOk());
  EXPECT_THAT(db->TakeWarnings(), ElementsAre(HasSubstr("take care")));
  EXPECT_THAT(db->TakeWarnings(), IsEmpty());
}

TEST_F(ConnectionTest, AnAdministratorsTerminationIsALostConnection) {
  const std::unique_ptr<Connection> db = Open();
  const auto pid = db->QueryOnce("SELECT pg_backend_pid()");
  ASSERT_THAT(pid, IsOk());
  database_.Run("SELECT pg_terminate_backend(" +
                std::to_string((*pid)[0].Int(0)) + ")");
  const absl::Status status = db->Execute("SELECT 1");
  EXPECT_TRUE(IsConnectionLost(status)) << status;
  EXPECT_TRUE(db->lost());
}

TEST_F(ConnectionTest, InterruptEndsACallInProgress) {
  const std::unique_ptr<Connection> db = Open();
  std::thread interrupter([&] {
    // Until the statement runs.
    const std::unique_ptr<Connection> other = Open();
    for (;;) {
      const auto running = other->QueryOnce(
          "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
      ASSERT_THAT(running, IsOk());
      if ((*running)[0].Int(0) > 0) break;
    }
    db->Interrupt();
  });
  const absl::Status status = db->Execute(kSleep);
  interrupter.join();
  EXPECT_TRUE(IsConnectionLost(status)) << status;
}

TEST_F(ConnectionTest, ReceivesNotifications) {
  const std::unique_ptr<Connection> listener = Open(ConnectionKind::kMonitor);
  ASSERT_THAT(listener->Execute("LISTEN pictures"), IsOk());
  database_.Run("NOTIFY pictures");
  const auto channels = listener->WaitForNotifications(absl::Minutes(1));
  ASSERT_THAT(channels, IsOk());
  EXPECT_THAT(*channels, ElementsAre("pictures"));
}

TEST_F(ConnectionTest, ReturnsNotificationsThatCameWithAnAnswer) {
  const std::unique_ptr<Connection> listener = Open(ConnectionKind::kMonitor);
  ASSERT_THAT(listener->Execute("LISTEN pictures"), IsOk());
  database_.Run("NOTIFY pictures");
  ASSERT_THAT(listener->Execute("SELECT 1"), IsOk());
  const auto channels = listener->WaitForNotifications(absl::Minutes(1));
  ASSERT_THAT(channels, IsOk());
  EXPECT_THAT(*channels, ElementsAre("pictures"));
}

TEST_F(ConnectionTest, AFileDescriptorEndsTheWaitForNotifications) {
  const std::unique_ptr<Connection> listener = Open(ConnectionKind::kMonitor);
  const int wake = eventfd(1, EFD_CLOEXEC);
  const auto channels = listener->WaitForNotifications(absl::Minutes(1), wake);
  close(wake);
  ASSERT_THAT(channels, IsOk());
  EXPECT_THAT(*channels, IsEmpty());
}

TEST_F(ConnectionTest, TheUriCanSetLimitsAndOptions) {
  auto db = Connection::Open(
      {.uri = database_.uri() + "&options=-c%20work_mem%3D1234kB",
       .kind = ConnectionKind::kReader});
  ASSERT_THAT(db, IsOk());
  const auto settings = (*db)->QueryOnce(
      "SELECT current_setting('work_mem'), "
      "current_setting('statement_timeout')");
  ASSERT_THAT(settings, IsOk());
  EXPECT_EQ((*settings)[0].Text(0), "1234kB");
  EXPECT_EQ((*settings)[0].Text(1), "2s");
}

TEST_F(ConnectionTest, AnUnreachableServerIsALostConnection) {
  const auto connection =
      Connection::Open({.uri = "postgres://nobody@/x?host=/does/not/exist"});
  EXPECT_TRUE(IsConnectionLost(connection.status())) << connection.status();
  EXPECT_THAT(connection, StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(ConnectionTest, TakesTheFirstHostThatAnswers) {
  auto connection =
      Connection::Open({.uri = "postgres://postgres@/" + database_.name() +
                               "?host=/does/not/exist," +
                               PostgresCluster::Shared().folder().string()});
  ASSERT_THAT(connection, IsOk());
  EXPECT_THAT((*connection)->server(),
              HasSubstr(PostgresCluster::Shared().folder().string()));
}

TEST_F(ConnectionTest, ACrashOfTheServerIsALostConnection) {
  const std::unique_ptr<Connection> db = Open();
  PostgresCluster::Shared().Crash();
  EXPECT_TRUE(IsConnectionLost(db->Execute("SELECT 1")));
  EXPECT_TRUE(
      IsConnectionLost(Connection::Open({.uri = database_.uri()}).status()));
  PostgresCluster::Shared().Start();
  EXPECT_THAT(Open()->Execute("SELECT 1"), IsOk());
}

}  // namespace
}  // namespace pinhole::postgres
