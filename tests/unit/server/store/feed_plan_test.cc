// SPDX-License-Identifier: Apache-2.0

// The cost of the feed must not depend on the number of photos.

#include <memory>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/file/schema.h"
#include "server/store/sqlite/tables/feed.h"
#include "tests/support/temp_dir.h"

namespace pinhole::store {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kFollowees = 50;

class FeedPlanTest : public ::testing::Test {
 protected:
  FeedPlanTest() {
    db_->ConfigureWriter();
    Migrate(*db_);
    // User 1 reads; users 2 .. 51 are followed.
    db_->Execute(
        fmt::format("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL "
                    "SELECT i + 1 FROM n WHERE i <= {0}) "
                    "INSERT INTO users (id, handle, display_name, "
                    "password_hash, create_time) SELECT i, i, '', '', 0 FROM n;"
                    "INSERT INTO follows SELECT 1, id, id FROM users "
                    "WHERE id > 1;",
                    kFollowees)
            .c_str());
  }

  // Adds `count` photos for every followed user, in turns.
  void Publish(int count) {
    db_->Execute(
        fmt::format(
            "WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL "
            "SELECT i + 1 FROM n WHERE i + 1 < {0} * {1}) "
            "INSERT INTO photos (id, owner_id, visibility, create_time, width, "
            "height, size_bytes, content_type, file_key, caption, alt_text) "
            "SELECT i + (SELECT ifnull(max(id), 0) + 1 FROM photos), "
            "2 + i % {0}, 1, 0, 1, 1, 1, '', "
            "i + (SELECT count(*) FROM photos), '', '' "
            "FROM n",
            kFollowees, count)
            .c_str());
  }

  // The number of SQLite's steps for the first page.
  int StepsOfAPage() {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(db_->handle(), FeedPageSql().c_str(), -1, &statement,
                       nullptr);
    sqlite3_bind_int64(statement, 1, 1);
    sqlite3_bind_int64(statement, 2, INT64_MAX);
    sqlite3_bind_int64(statement, 3, 21);
    int rows = 0;
    while (sqlite3_step(statement) == SQLITE_ROW) ++rows;
    EXPECT_EQ(rows, 21);
    const int steps =
        sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0);
    sqlite3_finalize(statement);
    return steps;
  }

  testing::TempDir folder_;
  std::unique_ptr<Connection> db_ =
      Connection::OpenWriter(folder_.path() / "test.db");
};

TEST_F(FeedPlanTest, ReadsOnlyTheCoveringIndex) {
  const Sql sql("EXPLAIN QUERY PLAN " + FeedPageSql());

  std::vector<std::string> plan;
  Query query(*db_, sql, 1, INT64_MAX, 21);
  while (query.Next()) plan.push_back(query.Text(3));

  EXPECT_THAT(plan, Contains(HasSubstr("USING COVERING INDEX photos_by_owner "
                                       "(owner_id=? AND id<?)"))
                        .Times(2));
  EXPECT_THAT(plan, Not(Contains(HasSubstr("SCAN p"))));
  EXPECT_THAT(plan, Not(Contains(HasSubstr("SCAN f"))));
}

TEST_F(FeedPlanTest, CostDoesNotDependOnTheNumberOfPhotos) {
  Publish(10);
  const int steps_of_few = StepsOfAPage();

  int photos = 10;
  for (const int more : {100, 1'000, 10'000}) {
    Publish(more - photos);
    photos = more;
    EXPECT_NEAR(StepsOfAPage(), steps_of_few, steps_of_few * 0.1)
        << photos << " photos of each";
  }
}

}  // namespace
}  // namespace pinhole::store
