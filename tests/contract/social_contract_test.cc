// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "absl/synchronization/blocking_counter.h"
#include "server/base/errors.h"
#include "server/model/limits.h"
#include "tests/contract/store_contract.h"

namespace pinhole::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SocialContract : public StoreContract {
 protected:
  std::vector<std::string> Followers(UserId viewer, UserId user) {
    return Handles(ReadAll([&](PageRequest page) {
      return store().ListFollowers(viewer, user, page);
    }));
  }
  std::vector<std::string> Following(UserId viewer, UserId user) {
    return Handles(ReadAll([&](PageRequest page) {
      return store().ListFollowing(viewer, user, page);
    }));
  }
  std::vector<std::string> Likers(UserId viewer, PhotoId photo) {
    std::vector<std::string> handles;
    for (const auto& like : ReadAll([&](PageRequest page) {
           return store().ListLikes(viewer, photo, page);
         })) {
      handles.push_back(like.user_handle);
    }
    return handles;
  }
  std::vector<std::string> Remarks(UserId viewer, PhotoId photo) {
    std::vector<std::string> texts;
    for (const auto& comment : ReadAll([&](PageRequest page) {
           return store().ListComments(viewer, photo, page);
         })) {
      texts.push_back(comment.text);
    }
    return texts;
  }
  std::vector<std::string> Blocked(UserId user) {
    return ReadAll(
        [&](PageRequest page) { return store().ListBlocks(user, page); });
  }

  const UserId ansel_ = Register("ansel");
  const UserId bea_ = Register("bea");
  const UserId cleo_ = Register("cleo");
  const UserId dora_ = Register("dora");
};

// Thousands of commands: for stores that do not sync each one by itself.
class CrowdContract : public SocialContract {
 protected:
  // All of them must succeed.
  template <typename C>
  std::vector<typename C::Result> RunAll(const std::vector<C>& commands) {
    constexpr std::size_t kAtOnce = 500;
    std::vector<typename C::Result> results(commands.size());
    for (std::size_t begin = 0; begin < commands.size(); begin += kAtOnce) {
      const std::size_t end = std::min(begin + kAtOnce, commands.size());
      absl::BlockingCounter done(static_cast<int>(end - begin));
      for (std::size_t i = begin; i < end; ++i) {
        store().Submit(commands[i], {},
                       [&, i](absl::StatusOr<CommandResult> result) {
                         results[i] = std::get<typename C::Result>(*result);
                         done.DecrementCount();
                       });
      }
      done.Wait();
    }
    return results;
  }
  std::vector<UserId> RegisterMany(int count) {
    std::vector<CreateUser> commands;
    for (int i = 0; i < count; ++i) {
      commands.push_back({"user" + std::to_string(i), "", "", {}});
    }
    std::vector<UserId> ids;
    for (const User& user : RunAll(commands)) ids.push_back(user.id);
    return ids;
  }
};

TEST_P(SocialContract, FollowIsCountedOnceHoweverOftenItIsAsked) {
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
  EXPECT_THAT(store().ListFollowers({}, UserId{77}, {}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(SocialContract, OneFollowsNeitherOneselfNorNobody) {
  EXPECT_THAT(Try(FollowUser{ansel_, ansel_}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Try(FollowUser{ansel_, UserId{77}}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(FollowUser{UserId{77}, ansel_}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(UnfollowUser{ansel_, UserId{77}}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(CrowdContract, OneFollowsOnlySoMany) {
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

TEST_P(CrowdContract, OneBlocksOnlySoMany) {
  const std::vector<UserId> crowd = RegisterMany(limits::kMaxBlocks);
  std::vector<BlockUser> blocks;
  for (const UserId user : crowd) blocks.push_back({ansel_, user});
  RunAll(blocks);

  const auto one_more = Try(BlockUser{ansel_, bea_});

  EXPECT_THAT(one_more, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonOf(one_more.status()), "TOO_MANY_BLOCKED");
  EXPECT_THAT(Try(BlockUser{ansel_, crowd[0]}), IsOk());
  // Of the limit nobody can take a part away by blocking somebody.
  EXPECT_THAT(Try(BlockUser{crowd[0], ansel_}), IsOk());
  Try(UnblockUser{ansel_, crowd[0]}).value();
  EXPECT_THAT(Try(BlockUser{ansel_, bea_}), IsOk());
  EXPECT_EQ(Blocked(ansel_).size(),
            static_cast<std::size_t>(limits::kMaxBlocks));
}

TEST_P(CrowdContract, RecentPhotosBehindThousandsOfABlockedUserAreReached) {
  const PhotoId old = Publish(cleo_).id;
  std::vector<AddPhoto> uploads;
  for (int i = 0; i < 5001; ++i) uploads.push_back(NewPhoto(bea_));
  RunAll(uploads);
  Block(ansel_, bea_);

  std::vector<PhotoId> seen;
  PageRequest page;
  do {
    const auto photos = store().ListRecentPhotos(ansel_, page).value();
    for (const Photo& photo : photos.items) seen.push_back(photo.id);
    page.after = photos.next;
  } while (page.after != 0);

  EXPECT_THAT(seen, ElementsAre(old));
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

TEST_P(SocialContract, NobodyLikesWhatIsNotThere) {
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
  const Comment first = store().ListComments({}, photo, {})->items[0];
  EXPECT_EQ(first.author_handle, "bea");
  EXPECT_EQ(first.author_display_name, "Name of bea");
  EXPECT_EQ(first.photo, photo);
}

TEST_P(SocialContract, AuthorAndOwnerDeleteCommentsNobodyElse) {
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

TEST_P(SocialContract, RepeatedCommentIsMadeOnce) {
  const PhotoId photo = Publish(ansel_).id;
  const CreateComment comment{bea_, photo, "once", RequestKey{"key", "f"}};

  const Comment first = Try(comment).value();
  const Comment second = Try(comment).value();

  EXPECT_EQ(first.id, second.id);
  EXPECT_EQ(PhotoAs({}, photo).comment_count, 1);
  Try(DeleteComment{bea_, photo, first.id}).value();
  EXPECT_THAT(Try(comment), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(SocialContract, BlockKeepsTwoApartEverywhere) {
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

  EXPECT_THAT(store().FindUser(ansel_, bea_),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store().FindUser(bea_, "ansel"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Handles(store().SearchUsers(bea_, "", "", 9).value()),
              ElementsAre("bea", "cleo", "dora"));
  EXPECT_THAT(store().ListFollowers(bea_, ansel_, {}),
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

TEST_P(SocialContract, BlockedUserCannotUndoTheBlock) {
  Block(ansel_, bea_);
  Block(ansel_, cleo_);

  EXPECT_FALSE(Try(UnblockUser{bea_, ansel_})->blocking);

  EXPECT_THAT(store().FindUser(bea_, ansel_),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Blocked(ansel_), ElementsAre("cleo", "bea"));
  EXPECT_THAT(Blocked(bea_), IsEmpty());
  EXPECT_THAT(Try(BlockUser{ansel_, UserId{77}}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(UnblockUser{ansel_, UserId{77}}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(SocialContract, BlockedUserBlocksToo) {
  Block(ansel_, bea_);
  EXPECT_TRUE(Try(BlockUser{bea_, ansel_})->blocking);
  EXPECT_TRUE(Try(BlockUser{bea_, ansel_})->blocking);
  EXPECT_THAT(Blocked(ansel_), ElementsAre("bea"));
  EXPECT_THAT(Blocked(bea_), ElementsAre("ansel"));

  EXPECT_FALSE(Try(UnblockUser{ansel_, bea_})->blocking);

  EXPECT_THAT(Blocked(ansel_), IsEmpty());
  EXPECT_THAT(Blocked(bea_), ElementsAre("ansel"));
  EXPECT_THAT(store().FindUser(ansel_, bea_),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(Try(UnblockUser{bea_, ansel_})->blocking);
  EXPECT_EQ(UserAs(ansel_, bea_).handle, "bea");
  EXPECT_EQ(UserAs(bea_, ansel_).handle, "ansel");
}

TEST_P(SocialContract, BlockHidesWhatTheBlockedLeftFromAllButTheOwner) {
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

TEST_P(SocialContract, BlockOfTheOwnersHidesOnlyUnderTheirOwnPhotos) {
  const PhotoId photo = Publish(cleo_).id;
  Like(bea_, photo);
  Remark(bea_, photo);

  Block(ansel_, bea_);

  EXPECT_EQ(PhotoAs(dora_, photo).like_count, 1);
  EXPECT_EQ(PhotoAs(dora_, photo).comment_count, 1);
  EXPECT_EQ(PhotoAs(ansel_, photo).like_count, 0);
}

// Somebody kept apart from both sides of a hidden like is not counted twice.
TEST_P(SocialContract, WhatTwoBlocksHideIsLeftOutOnce) {
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

TEST_P(SocialContract, OwnerSeesAndDeletesWhatABlockerWrote) {
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

TEST_P(SocialContract, AuthorsDeleteTheirCommentsWhereverTheyAre) {
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

TEST_P(SocialContract, AccountOfABlockedUserTakesWhatIsHiddenAlong) {
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

TEST_P(SocialContract, UnblockingShowsAgainWithoutTheFollows) {
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

TEST_P(SocialContract, NotificationsTellWhatOthersDid) {
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

TEST_P(SocialContract, NotificationIsTakenBackAndNotRepeated) {
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

TEST_P(SocialContract, BlockedPeoplesNotificationsAreHidden) {
  const PhotoId photo = Publish(ansel_).id;
  Like(bea_, photo);
  Like(cleo_, photo);

  Block(ansel_, bea_);

  EXPECT_EQ(NotificationsOf(ansel_).size(), 1u);
  Try(UnblockUser{ansel_, bea_}).value();
  EXPECT_EQ(NotificationsOf(ansel_).size(), 2u);
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

PINHOLE_ON_ALL_STORES(SocialContract);
PINHOLE_ON_STORES(CrowdContract, QuickStores);

}  // namespace
}  // namespace pinhole::testing
