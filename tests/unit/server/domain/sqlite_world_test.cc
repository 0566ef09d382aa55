// SPDX-License-Identifier: Apache-2.0

// The domain on the SQLite store: the other tests use the model store, which
// the contract suite compares with it.

#include "tests/unit/server/domain/sqlite_world.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace pinhole::domain {
namespace {

using ::pinhole::testing::IsOk;
using ::testing::SizeIs;

class SqliteWorldTest : public ::testing::Test {
 protected:
  testing::SqliteWorld world_;
};

TEST_F(SqliteWorldTest, FollowedPhotosReachTheFeedAndTheirOwnerIsNotified) {
  const UserId ansel = world_.AddUser("ansel");
  const UserId fan = world_.AddUser("fan");
  world_.Follow(fan, "ansel");
  const Photo photo = world_.AddPhoto(ansel, Visibility::kFollowers, "Dome");

  ASSERT_THAT(world_.Run(world_.social.Like({fan}, photo.id)), IsOk());

  const auto feed = world_.Run(world_.feed.List(fan, {})).value();
  ASSERT_THAT(feed.items, SizeIs(1));
  EXPECT_EQ(feed.items[0].caption, "Dome");
  EXPECT_EQ(feed.items[0].like_count, 1);
  EXPECT_TRUE(feed.items[0].liked);
  EXPECT_THAT(world_.Run(world_.social.ListNotifications(ansel, {}))->items,
              SizeIs(2));
}

TEST_F(SqliteWorldTest, DeletedPhotoLeavesNoFiles) {
  const UserId ansel = world_.AddUser("ansel");
  const Photo photo = world_.AddPhoto(ansel);
  EXPECT_EQ(world_.CountFiles(), 4u);

  ASSERT_THAT(world_.Run(world_.photos.Delete({ansel}, photo.id)), IsOk());

  EXPECT_EQ(world_.CountFiles(), 0u);
  EXPECT_EQ(world_.reader.ListGarbage(10).value().size(), 0u);
}

}  // namespace
}  // namespace pinhole::domain
