// SPDX-License-Identifier: Apache-2.0

#include "server/domain/feed.h"

#include <algorithm>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/world.h"

namespace pinhole::domain {
namespace {

using ::pinhole::testing::StatusIs;
using ::testing::ElementsAre;

std::vector<PhotoId> IdsOf(const std::vector<Photo>& photos) {
  std::vector<PhotoId> ids;
  for (const Photo& photo : photos) ids.push_back(photo.id);
  return ids;
}

class FeedTest : public ::testing::Test {
 protected:
  FeedTest() { world_.Follow(dorothea_, "ansel"); }

  FeedWatch Watch(UserId viewer, PhotoId after = {}) {
    return world_.Run(world_.feed.Watch(viewer, after)).value();
  }
  std::vector<PhotoId> Next(FeedWatch& watch) {
    return IdsOf(world_.Run(watch.Next(stop_.get_token())).value());
  }

  testing::World world_;
  std::stop_source stop_;
  const UserId ansel_ = world_.AddUser("ansel");
  const UserId dorothea_ = world_.AddUser("dorothea");
  const UserId edward_ = world_.AddUser("edward");
};

TEST_F(FeedTest, HasOwnAndFollowedPhotosNewestFirst) {
  const Photo followed = world_.AddPhoto(ansel_);
  world_.AddPhoto(edward_);
  world_.AddPhoto(ansel_, Visibility::kPrivate);
  const Photo own = world_.AddPhoto(dorothea_, Visibility::kPrivate);

  const auto feed = world_.Run(world_.feed.List(dorothea_, {}));

  EXPECT_THAT(IdsOf(feed->items), ElementsAre(own.id, followed.id));
}

TEST_F(FeedTest, WatchReturnsOnlyLaterPhotos) {
  world_.AddPhoto(ansel_);
  FeedWatch watch = Watch(dorothea_);
  const Photo photo = world_.AddPhoto(ansel_);

  EXPECT_THAT(Next(watch), ElementsAre(photo.id));
}

TEST_F(FeedTest, WatchInAnEmptyStoreGivesTheFirstPhoto) {
  FeedWatch watch = Watch(dorothea_);
  const Photo photo = world_.AddPhoto(ansel_);

  EXPECT_THAT(Next(watch), ElementsAre(photo.id));
}

TEST_F(FeedTest, ResumedWatchReturnsMissedPhotosOnceInOrder) {
  const Photo first = world_.AddPhoto(ansel_);
  const Photo second = world_.AddPhoto(ansel_);
  const Photo third = world_.AddPhoto(dorothea_);
  FeedWatch watch = Watch(dorothea_, first.id);

  EXPECT_THAT(Next(watch), ElementsAre(second.id, third.id));
  const Photo fourth = world_.AddPhoto(ansel_);
  EXPECT_THAT(Next(watch), ElementsAre(fourth.id));
}

TEST_F(FeedTest, WaitingWatchIsWokenByAPublication) {
  FeedWatch watch = Watch(dorothea_);
  EXPECT_THAT(Next(watch), ElementsAre());  // Reads once, then waits.
  const auto publish = [](testing::World* world, UserId owner) -> Task<void> {
    auto upload = co_await world->photos.BeginUpload(owner, NewPhoto());
    std::string bytes = testing::Jpeg();
    (void)co_await world->photos.Append(*upload, std::move(bytes));
    (void)co_await world->photos.Publish(*std::move(upload));
  };
  world_.loop.Start(publish(&world_, ansel_));

  EXPECT_EQ(Next(watch).size(), 1u);
}

TEST_F(FeedTest, LongGapComesInPiecesWithoutRepeats) {
  FeedWatch watch = Watch(dorothea_);
  for (int i = 0; i < 45; ++i) world_.AddPhoto(ansel_);

  std::vector<PhotoId> all;
  while (all.size() < 45) {
    for (const PhotoId id : Next(watch)) all.push_back(id);
  }

  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

TEST_F(FeedTest, StopEndsTheWatch) {
  FeedWatch watch = Watch(dorothea_);
  EXPECT_THAT(Next(watch), ElementsAre());
  world_.loop.Post([this] { stop_.request_stop(); });

  EXPECT_THAT(world_.Run(watch.Next(stop_.get_token())),
              StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace pinhole::domain
