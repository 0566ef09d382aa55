// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/db/pipeline.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/postgres/db/postgres_error.h"
#include "server/store/postgres/db/transaction.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/status_matchers.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::TestDatabase;

class PipelineTest : public ::testing::Test {
 protected:
  PipelineTest() {
    auto connection = Connection::Open(
        {.uri = database_.uri(), .kind = ConnectionKind::kWriter});
    EXPECT_THAT(connection, IsOk());
    db_ = *std::move(connection);
    EXPECT_THAT(db_->Execute("CREATE TABLE t (id bigint PRIMARY KEY)"), IsOk());
  }
  std::int64_t Count() {
    const auto rows = db_->QueryOnce("SELECT count(*) FROM t");
    EXPECT_THAT(rows, IsOk());
    return (*rows)[0].Int(0);
  }

  const Statement insert_{"INSERT INTO t VALUES ($1)"};
  const Statement count_{"SELECT count(*) FROM t"};
  TestDatabase database_;
  std::unique_ptr<Connection> db_;
};

TEST_F(PipelineTest, ReturnsTheResultsInOrder) {
  for (int round = 0; round < 2; ++round) {  // Unprepared, then prepared.
    Pipeline pipeline(*db_);
    pipeline.Add(insert_, std::int64_t{round * 2});
    const std::size_t first = pipeline.Add(count_);
    pipeline.Add(insert_, std::int64_t{round * 2 + 1});
    const std::size_t second = pipeline.Add(count_);
    const auto results = pipeline.Flush();
    ASSERT_THAT(results, IsOk());
    ASSERT_EQ(results->size(), 4);
    EXPECT_EQ((*results)[0].rows_affected(), 1);
    EXPECT_EQ((*results)[first][0].Int(0), round * 2 + 1);
    EXPECT_EQ((*results)[second][0].Int(0), round * 2 + 2);
    EXPECT_TRUE(pipeline.empty());
  }
}

TEST_F(PipelineTest, AnErrorUndoesAllOfAFlush) {
  Pipeline pipeline(*db_);
  pipeline.Add(insert_, std::int64_t{1});
  pipeline.Add(insert_, std::int64_t{1});
  pipeline.Add(count_);
  const auto results = pipeline.Flush();
  EXPECT_TRUE(IsConstraintViolation(results.status())) << results.status();
  EXPECT_EQ(Count(), 0);

  pipeline.Add(insert_, std::int64_t{1});
  pipeline.Add(count_);
  EXPECT_THAT(pipeline.Flush(), IsOk());
  EXPECT_EQ(Count(), 1);
}

TEST_F(PipelineTest, ATransactionCanSpanFlushes) {
  {
    Transaction transaction(*db_);
    Pipeline pipeline(*db_);
    pipeline.Add(kBegin);
    pipeline.Add(insert_, std::int64_t{1});
    ASSERT_THAT(pipeline.Flush(), IsOk());
    EXPECT_TRUE(db_->in_transaction());
    pipeline.Add(insert_, std::int64_t{2});
    pipeline.Add(kCommit);
    ASSERT_THAT(pipeline.Flush(), IsOk());
    EXPECT_FALSE(db_->in_transaction());
  }
  EXPECT_EQ(Count(), 2);
}

TEST_F(PipelineTest, AfterAnErrorTheTransactionIsRolledBack) {
  {
    Transaction transaction(*db_);
    Pipeline pipeline(*db_);
    pipeline.Add(kBegin);
    pipeline.Add(insert_, std::int64_t{1});
    ASSERT_THAT(pipeline.Flush(), IsOk());
    pipeline.Add(insert_, std::int64_t{1});
    pipeline.Add(kCommit);
    EXPECT_FALSE(pipeline.Flush().ok());
    EXPECT_TRUE(db_->in_transaction());
  }
  EXPECT_FALSE(db_->in_transaction());
  EXPECT_EQ(Count(), 0);
}

TEST_F(PipelineTest, CommittingAFailedTransactionIsAnError) {
  Transaction transaction(*db_);
  ASSERT_THAT(transaction.Begin(), IsOk());
  ASSERT_FALSE(db_->Execute("SELECT 1/0").ok());
  Pipeline pipeline(*db_);
  pipeline.Add(kCommit);
  EXPECT_FALSE(pipeline.Flush().ok());
}

TEST_F(PipelineTest, AStatementThatCannotBePreparedFailsEachTime) {
  const Statement wrong("SELECT nonsense");
  for (int i = 0; i < 2; ++i) {
    Pipeline pipeline(*db_);
    pipeline.Add(count_);
    pipeline.Add(wrong);
    pipeline.Add(insert_, std::int64_t{1});
    const auto results = pipeline.Flush();
    EXPECT_EQ(SqlStateOf(results.status()), "42703") << results.status();
  }
  EXPECT_EQ(Count(), 0);
}

TEST_F(PipelineTest, LargeFlushesDoNotBlockEachOther) {
  // More than the buffers of the socket hold, in both directions.
  const Statement echo("SELECT $1");
  const std::string text(100'000, 'x');
  Pipeline pipeline(*db_);
  for (int i = 0; i < 200; ++i) pipeline.Add(echo, text);
  const auto results = pipeline.Flush();
  ASSERT_THAT(results, IsOk());
  EXPECT_EQ(results->back()[0].Text(0), text);
}

TEST_F(PipelineTest, ALostConnectionIsReportedAndStaysLost) {
  db_->Interrupt();
  Pipeline pipeline(*db_);
  pipeline.Add(count_);
  pipeline.Add(count_);
  EXPECT_TRUE(IsConnectionLost(pipeline.Flush().status()));
  EXPECT_TRUE(db_->lost());
  pipeline.Add(count_);
  EXPECT_TRUE(IsConnectionLost(pipeline.Flush().status()));
  EXPECT_TRUE(IsConnectionLost(db_->Query(count_).status()));
}

}  // namespace
}  // namespace pinhole::postgres
