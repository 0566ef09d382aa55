// SPDX-License-Identifier: Apache-2.0

#include "base/errors.h"
#include "server/model/limits.h"
#include "tests/contract/social_contract.h"

namespace pinhole::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BlocksContract : public SocialContract {};
class ManyBlocksContract : public CrowdContract {};

TEST_P(ManyBlocksContract, NumberOfBlocksIsLimited) {
  const std::vector<UserId> crowd = RegisterMany(limits::kMaxBlocks);
  std::vector<BlockUser> blocks;
  for (const UserId user : crowd) blocks.push_back({ansel_, user});
  RunAll(blocks);

  const auto one_more = Try(BlockUser{ansel_, bea_});

  EXPECT_THAT(one_more, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonOf(one_more.status()), Reason::kTooManyBlocked);
  EXPECT_THAT(Try(BlockUser{ansel_, crowd[0]}), IsOk());
  // Blocks by others do not count.
  EXPECT_THAT(Try(BlockUser{crowd[0], ansel_}), IsOk());
  Try(UnblockUser{ansel_, crowd[0]}).value();
  EXPECT_THAT(Try(BlockUser{ansel_, bea_}), IsOk());
  EXPECT_EQ(Blocked(ansel_).size(),
            static_cast<std::size_t>(limits::kMaxBlocks));
}

TEST_P(ManyBlocksContract,
       RecentPhotosBehindThousandsOfABlockedUserAreReached) {
  const PhotoId old = Publish(cleo_).id;
  std::vector<AddPhoto> uploads;
  for (int i = 0; i < 5001; ++i) uploads.push_back(NewPhoto(bea_));
  RunAll(uploads);
  Block(ansel_, bea_);

  std::vector<PhotoId> seen;
  PageRequest page;
  do {
    const auto photos = reader().ListRecentPhotos(ansel_, page).value();
    for (const Photo& photo : photos.items) seen.push_back(photo.id);
    page.after = photos.next;
  } while (page.after != 0);

  EXPECT_THAT(seen, ElementsAre(old));
}

TEST_P(BlocksContract, BlockSeparatesTwoUsersEverywhere) {
  const PhotoId photo = Publish(cleo_).id;
  Follow(ansel_, bea_);
  Follow(bea_, ansel_);
  Follow(bea_, cleo_);
  Follow(cleo_, bea_);
  Like(bea_, photo);
  Remark(bea_, photo);
  Like(dora_, photo);

  EXPECT_TRUE(Try(BlockUser{ansel_, bea_})->blocking);
  EXPECT_TRUE(Try(BlockUser{ansel_, bea_})->blocking);

  EXPECT_THAT(reader().FindUser(ansel_, bea_),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(reader().FindUser(bea_, "ansel"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Handles(reader().SearchUsers(bea_, "", "", 9).value()),
              ElementsAre("bea", "cleo", "dora"));
  EXPECT_THAT(reader().ListFollowers(bea_, ansel_, {}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(FollowUser{bea_, ansel_}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(FollowUser{ansel_, bea_}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(UserAs(dora_, ansel_).follower_count, 0);
  EXPECT_EQ(UserAs(dora_, ansel_).following_count, 0);
  EXPECT_THAT(Followers(ansel_, cleo_), IsEmpty());
  EXPECT_THAT(Following(ansel_, cleo_), IsEmpty());
  EXPECT_EQ(UserAs(ansel_, cleo_).follower_count, 0);
  EXPECT_EQ(UserAs(ansel_, cleo_).following_count, 0);
  EXPECT_EQ(UserAs(dora_, cleo_).follower_count, 1);
  EXPECT_THAT(Likers(ansel_, photo), ElementsAre("dora"));
  EXPECT_EQ(PhotoAs(ansel_, photo).like_count, 1);
  EXPECT_EQ(PhotoAs(dora_, photo).like_count, 2);
  EXPECT_EQ(Try(LikePhoto{ansel_, photo})->like_count, 2);
  EXPECT_THAT(Remarks(ansel_, photo), IsEmpty());
  EXPECT_EQ(PhotoAs(ansel_, photo).comment_count, 0);
  EXPECT_EQ(PhotoAs(dora_, photo).comment_count, 1);
}

TEST_P(BlocksContract, BlockedUserCannotUndoTheBlock) {
  Block(ansel_, bea_);
  Block(ansel_, cleo_);

  EXPECT_FALSE(Try(UnblockUser{bea_, ansel_})->blocking);

  EXPECT_THAT(reader().FindUser(bea_, ansel_),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Blocked(ansel_), ElementsAre("cleo", "bea"));
  EXPECT_THAT(Blocked(bea_), IsEmpty());
  EXPECT_THAT(Try(BlockUser{ansel_, UserId{77}}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(UnblockUser{ansel_, UserId{77}}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(BlocksContract, BlockedUserBlocksToo) {
  Block(ansel_, bea_);
  EXPECT_TRUE(Try(BlockUser{bea_, ansel_})->blocking);
  EXPECT_TRUE(Try(BlockUser{bea_, ansel_})->blocking);
  EXPECT_THAT(Blocked(ansel_), ElementsAre("bea"));
  EXPECT_THAT(Blocked(bea_), ElementsAre("ansel"));

  EXPECT_FALSE(Try(UnblockUser{ansel_, bea_})->blocking);

  EXPECT_THAT(Blocked(ansel_), IsEmpty());
  EXPECT_THAT(Blocked(bea_), ElementsAre("ansel"));
  EXPECT_THAT(reader().FindUser(ansel_, bea_),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(Try(UnblockUser{bea_, ansel_})->blocking);
  EXPECT_EQ(UserAs(ansel_, bea_).handle, "bea");
  EXPECT_EQ(UserAs(bea_, ansel_).handle, "ansel");
}

TEST_P(BlocksContract, BlockHidesContentOfTheBlockedFromAllButTheOwner) {
  const PhotoId photo = Publish(ansel_).id;
  Like(bea_, photo);
  Like(cleo_, photo);
  Remark(bea_, photo, "rude");
  Remark(cleo_, photo, "kind");
  EXPECT_EQ(PhotoAs(dora_, photo).comment_count, 2);

  Block(ansel_, bea_);

  for (const UserId viewer : {UserId{}, cleo_, dora_}) {
    EXPECT_EQ(PhotoAs(viewer, photo).like_count, 1);
    EXPECT_EQ(PhotoAs(viewer, photo).comment_count, 1);
    EXPECT_THAT(Likers(viewer, photo), ElementsAre("cleo"));
    EXPECT_THAT(Remarks(viewer, photo), ElementsAre("kind"));
  }
  EXPECT_EQ(PhotoAs(ansel_, photo).like_count, 2);
  EXPECT_EQ(PhotoAs(ansel_, photo).comment_count, 2);
  EXPECT_THAT(Likers(ansel_, photo), ElementsAre("cleo", "bea"));
  EXPECT_THAT(Remarks(ansel_, photo), ElementsAre("rude", "kind"));

  Try(UnblockUser{ansel_, bea_}).value();

  EXPECT_EQ(PhotoAs(dora_, photo).like_count, 2);
  EXPECT_THAT(Remarks(dora_, photo), ElementsAre("rude", "kind"));
}

TEST_P(BlocksContract, BlockOfTheOwnersHidesOnlyUnderTheirOwnPhotos) {
  const PhotoId photo = Publish(cleo_).id;
  Like(bea_, photo);
  Remark(bea_, photo);

  Block(ansel_, bea_);

  EXPECT_EQ(PhotoAs(dora_, photo).like_count, 1);
  EXPECT_EQ(PhotoAs(dora_, photo).comment_count, 1);
  EXPECT_EQ(PhotoAs(ansel_, photo).like_count, 0);
}

// A like that two blocks hide is subtracted once.
TEST_P(BlocksContract, ContentHiddenByTwoBlocksIsSubtractedOnce) {
  const PhotoId photo = Publish(ansel_).id;
  Like(bea_, photo);
  Like(cleo_, photo);
  Remark(bea_, photo);
  Block(ansel_, bea_);

  Block(dora_, bea_);

  EXPECT_EQ(PhotoAs(dora_, photo).like_count, 1);
  EXPECT_EQ(PhotoAs(dora_, photo).comment_count, 0);
  EXPECT_THAT(Likers(dora_, photo), ElementsAre("cleo"));
}

TEST_P(BlocksContract, OwnerSeesAndDeletesCommentsOfABlocker) {
  const PhotoId photo = Publish(ansel_).id;
  Like(bea_, photo);
  const CommentId comment = Remark(bea_, photo, "you cannot see me");

  Block(bea_, ansel_);

  EXPECT_EQ(PhotoAs(ansel_, photo).like_count, 1);
  EXPECT_EQ(PhotoAs(ansel_, photo).comment_count, 1);
  EXPECT_THAT(Remarks(ansel_, photo), ElementsAre("you cannot see me"));
  EXPECT_THAT(Try(DeleteComment{dora_, photo, comment}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Try(DeleteComment{ansel_, photo, comment}), IsOk());
  EXPECT_EQ(PhotoAs(dora_, photo).comment_count, 0);
}

TEST_P(BlocksContract, AuthorsDeleteTheirCommentsWhereverTheyAre) {
  const PhotoId photo = Publish(ansel_).id;
  const CommentId one = Remark(bea_, photo, "one");
  const CommentId two = Remark(bea_, photo, "two");
  const CommentId three = Remark(cleo_, photo, "three");
  Block(ansel_, bea_);

  EXPECT_THAT(Try(DeleteComment{dora_, photo, one}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(DeleteComment{bea_, photo, one}), IsOk());
  EXPECT_EQ(PhotoAs(ansel_, photo).comment_count, 2);
  EXPECT_EQ(PhotoAs(dora_, photo).comment_count, 1);
  Try(UpdatePhoto{ansel_, photo, {}, {}, Visibility::kPrivate}).value();
  EXPECT_THAT(Try(DeleteComment{cleo_, photo, three}), IsOk());
  EXPECT_THAT(Try(DeleteComment{bea_, photo, two}), IsOk());
  EXPECT_EQ(PhotoAs(ansel_, photo).comment_count, 0);
}

TEST_P(BlocksContract, DeletingABlockedUserRemovesHiddenContent) {
  const PhotoId photo = Publish(ansel_).id;
  Like(bea_, photo);
  Like(cleo_, photo);
  Remark(bea_, photo);
  Block(ansel_, bea_);

  Try(DeleteUser{bea_}).value();

  EXPECT_EQ(PhotoAs(ansel_, photo).like_count, 1);
  EXPECT_EQ(PhotoAs(dora_, photo).like_count, 1);
  EXPECT_EQ(PhotoAs(ansel_, photo).comment_count, 0);
  EXPECT_EQ(PhotoAs(dora_, photo).comment_count, 0);
}

TEST_P(BlocksContract, UnblockingShowsAgainWithoutTheFollows) {
  const PhotoId photo = Publish(bea_).id;
  Follow(ansel_, bea_);
  Like(ansel_, photo);
  Block(ansel_, bea_);

  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(Try(UnblockUser{ansel_, bea_})->blocking);
  }

  EXPECT_FALSE(UserAs(ansel_, bea_).following);
  EXPECT_EQ(PhotoAs(bea_, photo).like_count, 1);
  EXPECT_THAT(Blocked(ansel_), IsEmpty());
  Follow(ansel_, bea_);
}

TEST_P(BlocksContract, BlockedPeoplesNotificationsAreHidden) {
  const PhotoId photo = Publish(ansel_).id;
  Like(bea_, photo);
  Like(cleo_, photo);

  Block(ansel_, bea_);

  EXPECT_EQ(NotificationsOf(ansel_).size(), 1u);
  Try(UnblockUser{ansel_, bea_}).value();
  EXPECT_EQ(NotificationsOf(ansel_).size(), 2u);
}

PINHOLE_ON_ORDERED_STORES(BlocksContract);
PINHOLE_ON_STORES(ManyBlocksContract, QuickStores);

}  // namespace
}  // namespace pinhole::testing
