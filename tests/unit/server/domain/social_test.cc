// SPDX-License-Identifier: Apache-2.0

#include "server/domain/social.h"

#include <string>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/domain/request_key.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/world.h"

namespace pinhole::domain {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;
using enum absl::StatusCode;

class SocialTest : public ::testing::Test {
 protected:
  testing::World world_;
  Social& social_ = world_.social;
  const UserId ansel_ = world_.AddUser("ansel");
  const UserId dorothea_ = world_.AddUser("dorothea");
  const UserId edward_ = world_.AddUser("edward");
  const Photo photo_ = world_.AddPhoto(ansel_);
};

TEST_F(SocialTest, FollowingTwiceIsFollowingOnce) {
  world_.Follow(dorothea_, "ansel");

  const auto again = world_.Run(social_.Follow(dorothea_, "ansel"));

  EXPECT_TRUE(again->following);
  EXPECT_EQ(world_.Run(social_.ListFollowers({}, "ansel", {}))->items.size(),
            1u);
  EXPECT_EQ(world_.Run(social_.ListFollowing({}, "dorothea", {}))->items.size(),
            1u);
  EXPECT_EQ(world_.Run(social_.ListNotifications(ansel_, {}))->items.size(),
            1u);
}

TEST_F(SocialTest, UnfollowingIsIdempotent) {
  world_.Follow(dorothea_, "ansel");

  EXPECT_FALSE(world_.Run(social_.Unfollow(dorothea_, "ansel"))->following);
  EXPECT_FALSE(world_.Run(social_.Unfollow(dorothea_, "ansel"))->following);
  EXPECT_EQ(world_.Run(social_.ListNotifications(ansel_, {}))->items.size(),
            0u);
}

TEST_F(SocialTest, NobodyFollowsOrBlocksOneself) {
  const auto follow = world_.Run(social_.Follow(ansel_, "ansel"));

  EXPECT_THAT(follow, StatusIs(kInvalidArgument));
  EXPECT_EQ(FieldOf(follow.status()), "name");
  EXPECT_THAT(world_.Run(social_.Block(ansel_, "ansel")),
              StatusIs(kInvalidArgument));
}

TEST_F(SocialTest, UnknownUsersAreMissing) {
  const auto missing = StatusIs(kNotFound, HasSubstr("users/nobody"));

  EXPECT_THAT(world_.Run(social_.Follow(ansel_, "nobody")), missing);
  EXPECT_THAT(world_.Run(social_.Unfollow(ansel_, "nobody")), missing);
  EXPECT_THAT(world_.Run(social_.Block(ansel_, "nobody")), missing);
  EXPECT_THAT(world_.Run(social_.Unblock(ansel_, "nobody")), missing);
  EXPECT_THAT(world_.Run(social_.ListFollowers({}, "nobody", {})), missing);
  EXPECT_THAT(world_.Run(social_.ListFollowing({}, "nobody", {})), missing);
}

TEST_F(SocialTest, BlockEndsFollowsAndHidesBothWays) {
  world_.Follow(dorothea_, "ansel");
  world_.Block(ansel_, "dorothea");

  EXPECT_THAT(world_.Run(social_.Follow(dorothea_, "ansel")),
              StatusIs(kNotFound));
  EXPECT_THAT(world_.Run(social_.Like(dorothea_, photo_.id)),
              StatusIs(kNotFound));
  EXPECT_EQ(world_.Run(social_.ListBlocks(ansel_, {}))->items,
            std::vector<std::string>{"dorothea"});

  const auto lifted = world_.Run(social_.Unblock(ansel_, "dorothea"));

  EXPECT_FALSE(lifted->blocking);
  EXPECT_FALSE(lifted->followed_by);
  EXPECT_THAT(world_.Run(social_.Follow(dorothea_, "ansel")), IsOk());
}

TEST_F(SocialTest, BlockedUserBlocksByHandleAndLiftsOnlyTheirOwnBlock) {
  world_.Block(ansel_, "dorothea");

  EXPECT_TRUE(world_.Run(social_.Block(dorothea_, "ansel"))->blocking);
  EXPECT_FALSE(world_.Run(social_.Unblock(dorothea_, "ansel"))->blocking);

  EXPECT_THAT(world_.Run(social_.Follow(dorothea_, "ansel")),
              StatusIs(kNotFound));
}

TEST_F(SocialTest, LikesAreCountedOncePerUserAndTakenBack) {
  ASSERT_THAT(world_.Run(social_.Like(dorothea_, photo_.id)), IsOk());
  EXPECT_EQ(world_.Run(social_.Like(dorothea_, photo_.id))->like_count, 1);
  EXPECT_EQ(world_.Run(social_.Like(edward_, photo_.id))->like_count, 2);

  const auto state = world_.Run(social_.Unlike(dorothea_, photo_.id));

  EXPECT_EQ(state->like_count, 1);
  EXPECT_FALSE(state->liked);
  const auto likes = world_.Run(social_.ListLikes({}, photo_.id, {}));
  ASSERT_EQ(likes->items.size(), 1u);
  EXPECT_EQ(likes->items[0].user_handle, "edward");
}

TEST_F(SocialTest, HiddenPhotosCannotBeLikedCommentedOrListed) {
  const Photo hidden = world_.AddPhoto(ansel_, Visibility::kPrivate);
  const auto missing = StatusIs(kNotFound, HasSubstr("photos/"));

  EXPECT_THAT(world_.Run(social_.Like(dorothea_, hidden.id)), missing);
  EXPECT_THAT(world_.Run(social_.Unlike(dorothea_, hidden.id)), missing);
  EXPECT_THAT(world_.Run(social_.ListLikes(dorothea_, hidden.id, {})), missing);
  EXPECT_THAT(world_.Run(social_.ListComments(dorothea_, hidden.id, {})),
              missing);
  EXPECT_THAT(world_.Run(social_.CreateComment(dorothea_, hidden.id, "Hm", {})),
              missing);
}

TEST_F(SocialTest, RepeatedCommentIsStoredOnce) {
  const RequestKey key = MakeRequestKey("CreateComment", "2", "id", "Nice");

  const auto first =
      world_.Run(social_.CreateComment(dorothea_, photo_.id, "Nice", key));
  const auto again =
      world_.Run(social_.CreateComment(dorothea_, photo_.id, "Nice", key));

  EXPECT_EQ(first.value().id, again.value().id);
  EXPECT_EQ(world_.Run(world_.photos.Find({}, photo_.id))->comment_count, 1);
}

TEST_F(SocialTest, RepeatedCommentThatIsDeletedSinceIsNotFound) {
  const RequestKey key = MakeRequestKey("CreateComment", "2", "id", "Nice");
  const auto first =
      world_.Run(social_.CreateComment(dorothea_, photo_.id, "Nice", key));
  ASSERT_THAT(
      world_.Run(social_.DeleteComment(dorothea_, photo_.id, first.value().id)),
      IsOk());

  const auto again =
      world_.Run(social_.CreateComment(dorothea_, photo_.id, "Nice", key));

  EXPECT_THAT(again, StatusIs(kNotFound, ::testing::Not(HasSubstr("photos/"))));
}

TEST_F(SocialTest, AuthorAndPhotoOwnerDeleteCommentsOthersMayNot) {
  const auto say = [this] {
    return world_.Run(social_.CreateComment(dorothea_, photo_.id, "Nice", {}))
        .value()
        .id;
  };
  const CommentId one = say();
  const CommentId two = say();

  EXPECT_THAT(world_.Run(social_.DeleteComment(edward_, photo_.id, one)),
              StatusIs(kPermissionDenied));
  EXPECT_THAT(world_.Run(social_.DeleteComment(dorothea_, photo_.id, one)),
              IsOk());
  EXPECT_THAT(world_.Run(social_.DeleteComment(ansel_, photo_.id, two)),
              IsOk());
  EXPECT_THAT(world_.Run(social_.DeleteComment(ansel_, photo_.id, two)),
              StatusIs(kNotFound, HasSubstr("/comments/")));
}

TEST_F(SocialTest, NotificationsAreMarkedReadUpToTheNamedOne) {
  world_.Follow(dorothea_, "ansel");
  ASSERT_THAT(world_.Run(social_.Like(dorothea_, photo_.id)), IsOk());
  const auto before = world_.Run(social_.ListNotifications(ansel_, {}));
  ASSERT_EQ(before->items.size(), 2u);

  ASSERT_THAT(
      world_.Run(social_.MarkNotificationsRead(ansel_, before->items[1].id)),
      IsOk());

  const auto after = world_.Run(social_.ListNotifications(ansel_, {}));
  EXPECT_FALSE(after->items[0].read);
  EXPECT_TRUE(after->items[1].read);
  ASSERT_THAT(world_.Run(social_.MarkNotificationsRead(ansel_, {})), IsOk());
  EXPECT_TRUE(world_.Run(social_.ListNotifications(ansel_, {}))->items[0].read);
}

}  // namespace
}  // namespace pinhole::domain
