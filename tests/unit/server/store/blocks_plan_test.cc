// SPDX-License-Identifier: Apache-2.0

// Likes hidden by a viewer's blocks are counted from the blocks or from the
// likes, whichever are fewer.

#include <sqlite3.h>

#include <memory>

#include "fmt/format.h"
#include "gtest/gtest.h"
#include "server/model/limits.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/file/schema.h"
#include "server/store/sqlite/tables/photos.h"
#include "tests/support/temp_dir.h"

namespace pinhole::store {
namespace {

constexpr int kUsers = 2000;
constexpr UserId kViewer{1};
constexpr int kOwner = 2;
constexpr int kPhotos = 100;

class BlocksPlanTest : public ::testing::Test {
 protected:
  BlocksPlanTest() {
    db_->ConfigureWriter();
    Migrate(*db_);
    Insert("users (id, handle, display_name, password_hash, create_time)",
           "i, i, '', '', 0", 1, kUsers);
    Insert(
        "photos (id, owner_id, visibility, create_time, width, height, "
        "size_bytes, content_type, file_key, caption, alt_text)",
        fmt::format("i, {}, 1, 0, 1, 1, 1, '', i, '', ''", kOwner), 1, kPhotos);
  }

  // Rows with `values` for each i from `first` to `last`.
  void Insert(std::string_view table, std::string_view values, int first,
              int last) {
    db_->Execute(fmt::format("WITH RECURSIVE n(i) AS (VALUES ({2}) UNION ALL "
                             "SELECT i + 1 FROM n WHERE i < {3}) "
                             "INSERT INTO {0} SELECT {1} FROM n",
                             table, values, first, last)
                     .c_str());
  }

  // Users 3, 4, ... like and comment on every photo.
  void LeaveOnEveryPhoto(int users) {
    for (int photo = 1; photo <= kPhotos; ++photo) {
      Insert("likes", fmt::format("i, {0}, 10000 * {0} + i, 0", photo), 3,
             2 + users);
      Insert("comments", fmt::format("10000 * {0} + i, {0}, i, 0, ''", photo),
             3, 2 + users);
    }
    db_->Execute(
        fmt::format("UPDATE photos SET like_count = {0}, comment_count = {0}",
                    users)
            .c_str());
  }

  // The viewer blocks users 3, 4, ...
  void Block(int users) {
    Insert("blocks", "1, i, 1, i", 3, 2 + users);
    Insert("blocks", "i, 1, 0, i", 3, 2 + users);
  }

  // The number of SQLite's steps for a page of recent photos.
  int StepsOfAPage() {
    int steps = 0;
    const auto count = [](void* steps) {
      ++*static_cast<int*>(steps);
      return 0;
    };
    sqlite3_progress_handler(db_->handle(), 1, count, &steps);
    const Page<Photo> page =
        ListRecentPhotos(*db_, kViewer, {.after = 0, .limit = kPhotos});
    sqlite3_progress_handler(db_->handle(), 0, nullptr, nullptr);
    EXPECT_EQ(page.items.size(), static_cast<std::size_t>(kPhotos));
    like_count_ = page.items.front().like_count;
    return steps;
  }

  testing::TempDir folder_;
  std::unique_ptr<Connection> db_ =
      Connection::OpenWriter(folder_.path() / "test.db");
  int like_count_ = 0;
};

TEST_F(BlocksPlanTest, ManyBlocksCostNoMoreThanFewLikes) {
  LeaveOnEveryPhoto(10);
  const int steps_without = StepsOfAPage();
  Block(limits::kMaxBlocks);

  const int steps = StepsOfAPage();

  EXPECT_EQ(like_count_, 0);
  // Checking each block for each photo would take 100,000 probes.
  EXPECT_LT(steps - steps_without, limits::kMaxBlocks * kPhotos);
}

TEST_F(BlocksPlanTest, ManyLikesCostNoMoreThanFewBlocks) {
  LeaveOnEveryPhoto(1000);
  Block(3);

  const int steps = StepsOfAPage();

  EXPECT_EQ(like_count_, 997);
  EXPECT_LT(steps, 1000 * kPhotos);
}

}  // namespace
}  // namespace pinhole::store
