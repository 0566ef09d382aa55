// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "tests/contract/store_contract.h"

namespace pinhole::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FeedContract : public StoreContract {
 protected:
  const UserId reader_ = Register("reader");
  const UserId ansel_ = Register("ansel");
  const UserId bea_ = Register("bea");
};

TEST_P(FeedContract, IsEmptyWithoutFollowsAndWithoutASession) {
  Publish(ansel_);

  EXPECT_THAT(Feed(reader_), IsEmpty());
  EXPECT_THAT(Feed(UserId{}), IsEmpty());
  EXPECT_THAT(reader().ListFeedSince(reader_, PhotoId{}, 10).value(),
              IsEmpty());
}

TEST_P(FeedContract, ShowsTheOnlyPhoto) {
  Follow(reader_, ansel_);
  const PhotoId photo = Publish(ansel_).id;

  EXPECT_THAT(Feed(reader_), ElementsAre(photo));
}

TEST_P(FeedContract, MixesOwnAndFollowedPhotosNewestFirst) {
  Follow(reader_, ansel_);
  Follow(reader_, bea_);
  const PhotoId one = Publish(bea_).id;
  const PhotoId two = Publish(reader_, Visibility::kPrivate).id;
  const PhotoId three = Publish(ansel_, Visibility::kFollowers).id;
  Publish(ansel_, Visibility::kPrivate);
  const PhotoId four = Publish(bea_).id;

  for (int limit = 1; limit < 6; ++limit) {
    EXPECT_THAT(Feed(reader_, limit), ElementsAre(four, three, two, one));
  }
}

TEST_P(FeedContract, ReachesBackToInactiveUsers) {
  Follow(reader_, ansel_);
  Follow(reader_, bea_);
  const PhotoId old = Publish(ansel_).id;
  clock_.Advance(absl::Hours(24 * 365));
  std::vector<PhotoId> expected;
  for (int i = 0; i < 30; ++i) expected.push_back(Publish(bea_).id);
  std::reverse(expected.begin(), expected.end());
  expected.push_back(old);

  EXPECT_EQ(Feed(reader_, 7), expected);
}

TEST_P(FeedContract, IsCompleteForManyFollowees) {
  std::vector<UserId> followees;
  for (int i = 0; i < 60; ++i) {
    followees.push_back(Register("user" + std::to_string(i)));
    if (i % 3 != 0) Follow(reader_, followees.back());
  }
  std::vector<PhotoId> expected;
  for (int i = 0; i < 240; ++i) {
    const int who = (i * 7) % 60;
    const PhotoId photo = Publish(followees[who]).id;
    if (who % 3 != 0) expected.push_back(photo);
  }
  std::reverse(expected.begin(), expected.end());

  EXPECT_EQ(Feed(reader_, 20), expected);
}

TEST_P(FeedContract, OmitsUnfollowedBlockedAndDeletedUsers) {
  const UserId cleo = Register("cleo");
  for (const UserId user : {ansel_, bea_, cleo}) {
    Follow(reader_, user);
    Publish(user);
  }

  Try(UnfollowUser{reader_, ansel_}).value();
  EXPECT_EQ(Feed(reader_).size(), 2u);
  Block(bea_, reader_);
  EXPECT_EQ(Feed(reader_).size(), 1u);
  Try(DeleteUser{cleo}).value();
  EXPECT_THAT(Feed(reader_), IsEmpty());
}

TEST_P(FeedContract, PagesHaveNoRepeatsOrHolesWhilePhotosComeAndGo) {
  Follow(reader_, ansel_);
  Follow(reader_, bea_);
  std::vector<PhotoId> old;
  for (int i = 0; i < 8; ++i) old.push_back(Publish(i % 2 ? ansel_ : bea_).id);

  const auto first = reader().ListFeed(reader_, {0, 3}).value();
  Publish(ansel_);
  Try(DeletePhoto{ansel_, old[5]}).value();
  Try(DeletePhoto{ansel_, old[3]}).value();
  const auto second = reader().ListFeed(reader_, {first.next, 3}).value();
  const auto third = reader().ListFeed(reader_, {second.next, 3}).value();

  EXPECT_THAT(Ids(first.items), ElementsAre(old[7], old[6], old[5]));
  EXPECT_THAT(Ids(second.items), ElementsAre(old[4], old[2], old[1]));
  EXPECT_THAT(Ids(third.items), ElementsAre(old[0]));
  EXPECT_EQ(third.next, 0);
}

TEST_P(FeedContract, SinceReturnsNewEntriesOldestFirst) {
  Follow(reader_, ansel_);
  const PhotoId seen = Publish(ansel_).id;
  const PhotoId one = Publish(reader_).id;
  Publish(bea_);
  const PhotoId two = Publish(ansel_).id;
  const PhotoId three = Publish(ansel_).id;

  EXPECT_THAT(Ids(reader().ListFeedSince(reader_, seen, 10).value()),
              ElementsAre(one, two, three));
  EXPECT_THAT(Ids(reader().ListFeedSince(reader_, seen, 2).value()),
              ElementsAre(one, two));
  EXPECT_THAT(reader().ListFeedSince(reader_, three, 2).value(), IsEmpty());
}

TEST_P(FeedContract, EntriesCarryCountsAndTheReadersOwnLike) {
  Follow(reader_, ansel_);
  const PhotoId photo = Publish(ansel_).id;
  Like(reader_, photo);
  Like(bea_, photo);
  Remark(bea_, photo);

  const Photo entry = reader().ListFeed(reader_, {}).value().items[0];

  EXPECT_EQ(entry.like_count, 2);
  EXPECT_EQ(entry.comment_count, 1);
  EXPECT_TRUE(entry.liked);
}

PINHOLE_ON_ALL_STORES(FeedContract);

}  // namespace
}  // namespace pinhole::testing
