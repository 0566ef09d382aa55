// SPDX-License-Identifier: Apache-2.0

#include "tests/contract/social_contract.h"
#include "server/model/limits.h"

namespace pinhole::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(SocialContract, RepeatedFollowIsCountedOnce) {
  for (int i = 0; i < 3; ++i) {
    const Relationship now = Try(FollowUser{bea_, ansel_}).value();
    EXPECT_TRUE(now.following);
    EXPECT_EQ(now.handle, "ansel");
  }
  EXPECT_TRUE(Try(FollowUser{ansel_, bea_})->followed_by);

  const User ansel = UserAs(bea_, ansel_);
  EXPECT_EQ(ansel.follower_count, 1);
  EXPECT_EQ(ansel.following_count, 1);
  EXPECT_TRUE(ansel.following);
  EXPECT_TRUE(ansel.followed_by);
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(Try(UnfollowUser{bea_, ansel_})->following);
  }
  EXPECT_EQ(UserAs(bea_, ansel_).follower_count, 0);
}

TEST_P(SocialContract, FollowersAndFollowingAreListedLatestFirst) {
  Follow(bea_, ansel_);
  Follow(cleo_, ansel_);
  Follow(dora_, ansel_);
  Follow(ansel_, dora_);
  Follow(ansel_, bea_);

  EXPECT_THAT(Followers({}, ansel_), ElementsAre("dora", "cleo", "bea"));
  EXPECT_THAT(Following({}, ansel_), ElementsAre("bea", "dora"));
  EXPECT_THAT(reader().ListFollowers({}, UserId{77}, {}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(SocialContract, FollowingOneselfOrAnUnknownUserIsRefused) {
  EXPECT_THAT(Try(FollowUser{ansel_, ansel_}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Try(FollowUser{ansel_, UserId{77}}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(FollowUser{UserId{77}, ansel_}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(UnfollowUser{ansel_, UserId{77}}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(CrowdContract, NumberOfFollowsIsLimited) {
  const std::vector<UserId> crowd = RegisterMany(limits::kMaxFollowing);
  std::vector<FollowUser> follows;
  for (const UserId user : crowd) follows.push_back({ansel_, user});
  RunAll(follows);

  const auto one_more = Try(FollowUser{ansel_, bea_});

  EXPECT_THAT(one_more, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(UserAs({}, ansel_).following_count, limits::kMaxFollowing);
  EXPECT_THAT(Try(FollowUser{ansel_, crowd[0]}), IsOk());
  Try(UnfollowUser{ansel_, crowd[0]}).value();
  EXPECT_THAT(Try(FollowUser{ansel_, bea_}), IsOk());
}

TEST_P(SocialContract, LikesAreCountedExactly) {
  const PhotoId photo = Publish(ansel_).id;

  EXPECT_EQ(Try(LikePhoto{bea_, photo})->like_count, 1);
  EXPECT_EQ(Try(LikePhoto{bea_, photo})->like_count, 1);
  EXPECT_EQ(Try(LikePhoto{cleo_, photo})->like_count, 2);
  EXPECT_TRUE(PhotoAs(bea_, photo).liked);
  EXPECT_FALSE(PhotoAs(dora_, photo).liked);
  EXPECT_THAT(Likers({}, photo), ElementsAre("cleo", "bea"));
  const LikeState after = Try(UnlikePhoto{bea_, photo}).value();
  EXPECT_EQ(after.like_count, 1);
  EXPECT_FALSE(after.liked);
  EXPECT_EQ(Try(UnlikePhoto{bea_, photo})->like_count, 1);
  EXPECT_THAT(Likers({}, photo), ElementsAre("cleo"));
}

TEST_P(SocialContract, LikingAnUnknownPhotoIsRefused) {
  EXPECT_THAT(Try(LikePhoto{bea_, PhotoId{77}}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(LikePhoto{UserId{77}, Publish(ansel_).id}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(CreateComment{UserId{77}, Publish(ansel_).id, "x", {}}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(SocialContract, CommentsAreListedOldestFirst) {
  const PhotoId photo = Publish(ansel_).id;
  for (const char* text : {"one", "two", "three"}) Remark(bea_, photo, text);

  EXPECT_THAT(Remarks({}, photo), ElementsAre("one", "two", "three"));
  EXPECT_EQ(PhotoAs({}, photo).comment_count, 3);
  const Comment first = reader().ListComments({}, photo, {})->items[0];
  EXPECT_EQ(first.author_handle, "bea");
  EXPECT_EQ(first.author_display_name, "Name of bea");
  EXPECT_EQ(first.photo, photo);
}

TEST_P(SocialContract, OnlyAuthorAndOwnerDeleteComments) {
  const PhotoId photo = Publish(ansel_).id;
  const CommentId one = Remark(bea_, photo);
  const CommentId two = Remark(bea_, photo);
  const PhotoId other = Publish(ansel_).id;

  EXPECT_THAT(Try(DeleteComment{cleo_, photo, one}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Try(DeleteComment{bea_, other, one}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(DeleteComment{bea_, photo, one}), IsOk());
  EXPECT_THAT(Try(DeleteComment{ansel_, photo, two}), IsOk());
  EXPECT_THAT(Try(DeleteComment{ansel_, photo, two}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(PhotoAs({}, photo).comment_count, 0);
  EXPECT_THAT(NotificationsOf(ansel_), IsEmpty());
}

TEST_P(SocialContract, RepeatedCommentIsCreatedOnce) {
  const PhotoId photo = Publish(ansel_).id;
  const CreateComment comment{bea_, photo, "once", RequestKey{"key", "f"}};

  const Comment first = Try(comment).value();
  const Comment second = Try(comment).value();

  EXPECT_EQ(first.id, second.id);
  EXPECT_EQ(PhotoAs({}, photo).comment_count, 1);
  Try(DeleteComment{bea_, photo, first.id}).value();
  EXPECT_THAT(Try(comment), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(SocialContract, NotificationsReportActionsOfOthers) {
  const PhotoId photo = Publish(ansel_).id;
  Follow(bea_, ansel_);
  Like(cleo_, photo);
  const CommentId comment = Remark(dora_, photo);
  Like(ansel_, photo);
  Remark(ansel_, photo);

  const std::vector<Notification> told = NotificationsOf(ansel_);

  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[0].kind, Notification::Kind::kComment);
  EXPECT_EQ(told[0].actor_handle, "dora");
  EXPECT_EQ(told[0].photo, photo);
  EXPECT_EQ(told[0].comment, comment);
  EXPECT_EQ(told[1].kind, Notification::Kind::kLike);
  EXPECT_EQ(told[1].photo, photo);
  EXPECT_EQ(told[1].comment, CommentId{});
  EXPECT_EQ(told[2].kind, Notification::Kind::kFollow);
  EXPECT_EQ(told[2].photo, PhotoId{});
  EXPECT_EQ(told[2].create_time, clock_.Now());
}

TEST_P(SocialContract, NotificationIsRemovedAndNotRepeated) {
  const PhotoId photo = Publish(ansel_).id;
  for (int i = 0; i < 3; ++i) {
    Like(bea_, photo);
    Follow(bea_, ansel_);
    EXPECT_EQ(NotificationsOf(ansel_).size(), 2u);
    Try(UnlikePhoto{bea_, photo}).value();
    Try(UnfollowUser{bea_, ansel_}).value();
    EXPECT_THAT(NotificationsOf(ansel_), IsEmpty());
  }
}

TEST_P(SocialContract, ReadNotificationsStayReadAndNewOnesAreNot) {
  const PhotoId photo = Publish(ansel_).id;
  Like(bea_, photo);
  Like(cleo_, photo);
  const auto read = [&] {
    std::vector<bool> flags;
    for (const auto& one : NotificationsOf(ansel_)) flags.push_back(one.read);
    return flags;
  };
  EXPECT_THAT(read(), ElementsAre(false, false));

  Try(MarkNotificationsRead{ansel_, NotificationsOf(ansel_)[1].id}).value();
  EXPECT_THAT(read(), ElementsAre(false, true));
  Try(MarkNotificationsRead{ansel_, NotificationId{}}).value();
  EXPECT_THAT(read(), ElementsAre(true, true));
  Try(MarkNotificationsRead{ansel_, NotificationId{INT64_MAX}}).value();
  Like(dora_, photo);
  EXPECT_THAT(read(), ElementsAre(false, true, true));
}

PINHOLE_ON_ORDERED_STORES(SocialContract);
PINHOLE_ON_STORES(CrowdContract, QuickStores);

}  // namespace
}  // namespace pinhole::testing
