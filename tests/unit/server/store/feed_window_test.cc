// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/reads/feed_window.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/sqlite/reads/feed_log.h"

namespace pinhole::store {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::SizeIs;

constexpr UserId kViewer{1};
constexpr UserId kFollowed{2};
constexpr UserId kStranger{3};

std::vector<PhotoId> Descending(std::int64_t from, int count) {
  std::vector<PhotoId> ids;
  for (int i = 0; i < count; ++i) ids.push_back(PhotoId{from - i});
  return ids;
}

// All ids of `window`.
std::vector<std::int64_t> All(const FeedWindow& window) {
  const std::vector<PhotoId> found = window.Find({0, 1000}).value();
  std::vector<std::int64_t> ids;
  for (const PhotoId id : found) ids.push_back(id.value);
  return ids;
}

class FeedWindowTest : public ::testing::Test {
 protected:
  void Follow(FeedWindow& window, FeedChange change) {
    window.Follow(kViewer, ties_, {change});
  }

  const ViewerTies ties_{.followees = {kFollowed}};
  FeedWindow window_{{PhotoId{30}, PhotoId{20}, PhotoId{10}}, 5};
};

TEST_F(FeedWindowTest, PageHasOneMoreIdThanRequested) {
  EXPECT_THAT(window_.Find({0, 1}),
              Optional(ElementsAre(PhotoId{30}, PhotoId{20})));
  EXPECT_THAT(window_.Find({20, 1}), Optional(ElementsAre(PhotoId{10})));
  EXPECT_THAT(window_.Find({10, 1}), Optional(IsEmpty()));
}

TEST_F(FeedWindowTest, AddsPhotosOfFollowedUsers) {
  Follow(window_, {kFollowed, PhotoId{40}});

  EXPECT_THAT(All(window_), ElementsAre(40, 30, 20, 10));
  EXPECT_EQ(window_.next_change(), 6u);
}

TEST_F(FeedWindowTest, OmitsPhotosOfStrangersAndPrivatePhotos) {
  Follow(window_, {kStranger, PhotoId{40}});
  Follow(window_, {kFollowed, PhotoId{41}, Visibility::kPrivate});

  EXPECT_THAT(All(window_), ElementsAre(30, 20, 10));
}

TEST_F(FeedWindowTest, AddsOwnPrivatePhotos) {
  Follow(window_, {kViewer, PhotoId{40}, Visibility::kPrivate});

  EXPECT_THAT(All(window_), ElementsAre(40, 30, 20, 10));
}

TEST_F(FeedWindowTest, RemovesDeletedAndHiddenPhotos) {
  Follow(window_, {kFollowed, PhotoId{20}, Visibility::kPublic, true});
  Follow(window_, {kFollowed, PhotoId{30}, Visibility::kPrivate});

  EXPECT_THAT(All(window_), ElementsAre(10));
}

TEST_F(FeedWindowTest, PhotoThatIsShownAgainReturnsToItsPlace) {
  Follow(window_, {kFollowed, PhotoId{25}, Visibility::kFollowers});

  EXPECT_THAT(All(window_), ElementsAre(30, 25, 20, 10));
}

TEST_F(FeedWindowTest, ChangeThatTheQueryIncludesAddsNoSecondEntry) {
  Follow(window_, {kFollowed, PhotoId{30}});

  EXPECT_THAT(All(window_), ElementsAre(30, 20, 10));
}

TEST_F(FeedWindowTest, PageBelowTheWindowIsUnknown) {
  const FeedWindow window(Descending(1000, FeedWindow::kLength), 0);

  EXPECT_THAT(window.Find({0, FeedWindow::kLength - 1}),
              Optional(SizeIs(FeedWindow::kLength)));
  EXPECT_THAT(window.Find({0, FeedWindow::kLength}), Eq(std::nullopt));
}

TEST_F(FeedWindowTest, IgnoresPhotosBelowTheWindow) {
  FeedWindow window(Descending(1000, FeedWindow::kLength), 0);

  Follow(window, {kFollowed, PhotoId{3}});

  EXPECT_THAT(window.Find({0, FeedWindow::kLength}), Eq(std::nullopt));
}

TEST_F(FeedWindowTest, GrowsToAtMostTwiceItsLength) {
  for (int i = 0; i < 1000; ++i) {
    Follow(window_, {kFollowed, PhotoId{100 + i}});
  }

  EXPECT_LE(window_.bytes(), 4 * FeedWindow::kLength * sizeof(PhotoId));
  EXPECT_THAT(
      window_.Find({0, 2}),
      Optional(ElementsAre(PhotoId{1099}, PhotoId{1098}, PhotoId{1097})));
  EXPECT_THAT(window_.Find({900, 20}), Eq(std::nullopt));
}

TEST(FeedLogTest, ReturnsTheChangesSinceANumber) {
  FeedLog log;
  log.Append({{kFollowed, PhotoId{1}}, {kFollowed, PhotoId{2}}});

  const auto changes = log.Since(1);

  EXPECT_EQ(log.end(), 2u);
  ASSERT_THAT(changes, Optional(SizeIs(1)));
  EXPECT_EQ(changes->front().photo, PhotoId{2});
  EXPECT_THAT(log.Since(2), Optional(IsEmpty()));
}

TEST(FeedLogTest, ForgetsTheOldest) {
  FeedLog log;
  for (std::size_t i = 0; i < FeedLog::kLength + 5; ++i) {
    log.Append({{kFollowed, PhotoId{static_cast<std::int64_t>(i)}}});
  }

  EXPECT_THAT(log.Since(4), Eq(std::nullopt));
  const auto changes = log.Since(5);
  ASSERT_THAT(changes, Optional(SizeIs(FeedLog::kLength)));
  EXPECT_EQ(changes->front().photo, PhotoId{5});
}

}  // namespace
}  // namespace pinhole::store
