// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/store_collector.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"
#include "server/metrics/sqlite_collector.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/sqlite_world.h"

namespace pinhole::metrics {
namespace {

using ::pinhole::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

class StoreCollectorTest : public ::testing::Test {
 protected:
  std::string Page() const {
    prometheus::TextSerializer text;
    return text.Serialize(StoreCollector(sqlite()).Collect()) +
           text.Serialize(SqliteCollector(sqlite()).Collect());
  }

  const SqliteStore& sqlite() const {
    return dynamic_cast<const SqliteStore&>(*world_.store);
  }

  testing::SqliteWorld world_;
};

TEST_F(StoreCollectorTest, CountsRowsAsTheyComeAndGo) {
  const UserId ansel = world_.AddUser("ansel");
  world_.AddUser("dorothea");
  const Photo kept = world_.AddPhoto(ansel);
  const Photo deleted = world_.AddPhoto(ansel);
  EXPECT_THAT(Page(), HasSubstr("pinhole_photos 2\n"));

  ASSERT_THAT(world_.Run(world_.photos.Delete(ansel, deleted.id)), IsOk());

  EXPECT_THAT(Page(), HasSubstr("pinhole_users 2\n"));
  EXPECT_THAT(Page(), HasSubstr("pinhole_photos 1\n"));
  EXPECT_THAT(Page(), HasSubstr("pinhole_sessions_active 0\n"));
}

TEST_F(StoreCollectorTest, CommitsAreTimed) {
  world_.AddUser("ansel");

  const std::string page = Page();

  EXPECT_THAT(page, HasSubstr("pinhole_db_commit_duration_seconds_count 1\n"));
  // A checkpoint, which an idle writer makes soon, would add to both.
  const std::string syncs = "pinhole_db_fsync_duration_seconds_count";
  EXPECT_THAT(page, HasSubstr(syncs + "{file=\"log\"} "));
  EXPECT_THAT(page, Not(HasSubstr(syncs + "{file=\"log\"} 0\n")));
  EXPECT_THAT(page, HasSubstr(syncs + "{file=\"db\"} "));
  EXPECT_THAT(page, HasSubstr("pinhole_db_write_wait_seconds_count 1\n"));
  EXPECT_THAT(
      page, HasSubstr("pinhole_db_transactions_total{outcome=\"commit\"} 1\n"));
}

TEST_F(StoreCollectorTest, ReadsAnsweredByCachesAreNotQueries) {
  const UserId ansel = world_.AddUser("ansel");
  const auto queries = [this] { return sqlite().DetailedStats().read_queries; };
  ASSERT_THAT(world_.reader.FindUser(ansel, ansel), IsOk());
  const std::int64_t first = queries();

  ASSERT_THAT(world_.reader.FindUser(ansel, ansel), IsOk());

  EXPECT_GT(first, 0);
  EXPECT_EQ(queries(), first);
  // Neither had to wait, and both are counted.
  EXPECT_THAT(
      Page(),
      HasSubstr("pinhole_db_pool_wait_seconds_bucket{le=\"5e-05\"} 2\n"));
}

TEST_F(StoreCollectorTest, DatabaseSettingsAreLabels) {
  EXPECT_THAT(Page(), HasSubstr("pinhole_db_info{engine=\"sqlite\","
                                "journal_mode=\"wal\","
                                "synchronous=\"full\",foreign_keys=\"on\","
                                "page_bytes=\"2048\",schema_version="));
}

TEST_F(StoreCollectorTest, TheFilesHaveSizes) {
  world_.AddUser("ansel");

  EXPECT_THAT(Page(), Not(HasSubstr("pinhole_db_size_bytes 0\n")));
  EXPECT_THAT(Page(), Not(HasSubstr("pinhole_db_wal_size_bytes 0\n")));
}

}  // namespace
}  // namespace pinhole::metrics
