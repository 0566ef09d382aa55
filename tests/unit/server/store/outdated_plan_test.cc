// SPDX-License-Identifier: Apache-2.0

// The cost of finding renditions to rebuild must not depend on the number of
// photos, whether all of them are outdated or none.

#include <sqlite3.h>

#include <memory>

#include "absl/functional/function_ref.h"
#include "fmt/format.h"
#include "gtest/gtest.h"
#include "server/store/sqlite/file/schema.h"
#include "server/store/sqlite/tables/photos.h"
#include "tests/support/temp_dir.h"

namespace pinhole::store {
namespace {

constexpr int kVersion = 5;

class OutdatedPlanTest : public ::testing::Test {
 protected:
  OutdatedPlanTest() {
    db_->ConfigureWriter();
    Migrate(*db_);
    db_->Execute(
        "INSERT INTO users (id, handle, display_name, password_hash, "
        "create_time) VALUES (1, 'ansel', '', '', 0)");
  }

  void Publish(int count, int version) {
    db_->Execute(
        fmt::format(
            "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL "
            "SELECT i + 1 FROM n WHERE i < {}) "
            "INSERT INTO photos (id, owner_id, visibility, create_time, width, "
            "height, size_bytes, content_type, file_key, caption, alt_text, "
            "rendition_version) "
            "SELECT i + (SELECT ifnull(max(id), 0) FROM photos), 1, 1, 0, 1, "
            "1, 1, '', i + (SELECT count(*) FROM photos), '', '', {} FROM n",
            count, version)
            .c_str());
  }

  // The number of SQLite's steps for `work`.
  int StepsOf(absl::FunctionRef<void()> work) {
    int steps = 0;
    const auto count = [](void* steps) {
      ++*static_cast<int*>(steps);
      return 0;
    };
    sqlite3_progress_handler(db_->handle(), 1, count, &steps);
    work();
    sqlite3_progress_handler(db_->handle(), 0, nullptr, nullptr);
    return steps;
  }

  testing::TempDir folder_;
  std::unique_ptr<Connection> db_ =
      Connection::OpenWriter(folder_.path() / "test.db");
};

TEST_F(OutdatedPlanTest, CostOfTheNextPhotoDoesNotDependOnTheNumberOfPhotos) {
  const auto next = [this] {
    EXPECT_EQ(ListOutdated(*db_, kVersion, 1).size(), 1U);
  };
  Publish(10, 0);
  Publish(10, 1);
  Publish(10, kVersion);
  next();  // Compiles the statement.
  const int steps_of_few = StepsOf(next);
  EXPECT_GT(steps_of_few, 10);

  for (const int version : {0, 1, kVersion}) Publish(10'000, version);

  EXPECT_NEAR(StepsOf(next), steps_of_few, steps_of_few * 0.1);
}

TEST_F(OutdatedPlanTest, CurrentPhotosCostNothing) {
  Publish(10'000, kVersion);
  const auto ask = [this] {
    EXPECT_TRUE(ListOutdated(*db_, kVersion, 1).empty());
    EXPECT_EQ(CountOutdated(*db_, kVersion), 0);
  };
  ask();

  EXPECT_LT(StepsOf(ask), 100);
}

}  // namespace
}  // namespace pinhole::store
