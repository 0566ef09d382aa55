// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/reads/liked_photos.h"

#include <cstdint>
#include <optional>
#include <vector>

#include "gtest/gtest.h"

namespace pinhole::store {
namespace {

constexpr auto kLength = static_cast<std::int64_t>(LikedPhotos::kLength);

// The ids from `newest` down to `oldest`.
std::vector<PhotoId> Ids(std::int64_t newest, std::int64_t oldest) {
  std::vector<PhotoId> ids;
  for (std::int64_t id = newest; id >= oldest; --id) ids.push_back(PhotoId{id});
  return ids;
}

TEST(LikedPhotosTest, FewLikesAreComplete) {
  const LikedPhotos likes({PhotoId{9}, PhotoId{5}});

  EXPECT_EQ(likes.Contains(PhotoId{9}), true);
  EXPECT_EQ(likes.Contains(PhotoId{7}), false);
  EXPECT_EQ(likes.Contains(PhotoId{5}), true);
  EXPECT_EQ(likes.Contains(PhotoId{1}), false);
}

TEST(LikedPhotosTest, LikesOlderThanTheQueryFoundAreUnknown) {
  const LikedPhotos likes(Ids(1000 + kLength, 1001));

  EXPECT_EQ(likes.Contains(PhotoId{5000}), false);
  EXPECT_EQ(likes.Contains(PhotoId{1001}), true);
  EXPECT_EQ(likes.Contains(PhotoId{1000}), std::nullopt);
}

TEST(LikedPhotosTest, FollowsChanges) {
  LikedPhotos likes({PhotoId{9}, PhotoId{5}});

  likes.Add(PhotoId{7});
  likes.Add(PhotoId{7});
  likes.Remove(PhotoId{9});
  likes.Remove(PhotoId{8});

  EXPECT_EQ(likes.Contains(PhotoId{7}), true);
  EXPECT_EQ(likes.Contains(PhotoId{9}), false);
  EXPECT_EQ(likes.Contains(PhotoId{8}), false);
}

TEST(LikedPhotosTest, LikeOfAnOldPhotoStaysUnknown) {
  LikedPhotos likes(Ids(1000 + kLength, 1001));

  likes.Add(PhotoId{3});
  likes.Remove(PhotoId{1001});

  EXPECT_EQ(likes.Contains(PhotoId{3}), std::nullopt);
  EXPECT_EQ(likes.Contains(PhotoId{1001}), std::nullopt);
}

TEST(LikedPhotosTest, ForgetsTheOldestWhenItGrows) {
  LikedPhotos likes({});

  for (std::int64_t id = 1; id <= 2 * kLength + 1; ++id) likes.Add(PhotoId{id});

  EXPECT_EQ(likes.Contains(PhotoId{1}), std::nullopt);
  EXPECT_EQ(likes.Contains(PhotoId{2 * kLength + 1}), true);
  EXPECT_EQ(likes.Contains(PhotoId{kLength + 2}), true);
}

}  // namespace
}  // namespace pinhole::store
