// SPDX-License-Identifier: Apache-2.0

// Long histories, whose final state is checked by the fixture.

#include <random>

#include "server/model/limits.h"
#include "tests/contract/store_contract.h"

namespace pinhole::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HistoryContract : public StoreContract {};

TEST_P(HistoryContract, DeletedUserLeavesNoTraceAndExactCounts) {
  const UserId gone = Register("gone");
  const UserId ansel = Register("ansel");
  const UserId bea = Register("bea");
  const Photo theirs = Publish(gone);
  const PhotoId kept = Publish(ansel).id;
  Try(CreateSession{gone, "token", clock_.Now() + absl::Hours(1), "hash",
                    RequestKey{"key", "f"}})
      .value();
  for (const PhotoId photo : {theirs.id, kept}) {
    for (const UserId user : {gone, ansel, bea}) {
      Like(user, photo);
      Remark(user, photo);
      Remark(user, photo, "again");
    }
  }
  Follow(gone, ansel);
  Follow(ansel, gone);
  Follow(bea, ansel);
  Block(bea, gone);
  Block(gone, Register("cleo"));

  const auto deleted = Try(DeleteUser{gone}).value();

  EXPECT_THAT(deleted.file_keys, ElementsAre(theirs.file_key));
  EXPECT_THAT(reader().ListGarbage(10).value(), ElementsAre(theirs.file_key));
  EXPECT_THAT(reader().FindUser(UserId{}, "gone"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(reader().FindSession("token"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(PhotoAs(bea, kept).like_count, 2);
  EXPECT_EQ(PhotoAs(bea, kept).comment_count, 4);
  EXPECT_EQ(UserAs(bea, ansel).follower_count, 1);
  EXPECT_EQ(UserAs(bea, ansel).following_count, 0);
  EXPECT_EQ(NotificationsOf(ansel).size(), 4u);
  EXPECT_THAT(reader().ListBlocks(bea, {})->items, IsEmpty());
  clock_.Advance(limits::kHandleReservation);
  EXPECT_EQ(Register("gone").value > gone.value, true);
  store().Close();
  EXPECT_THAT(GetParam().find_traces(folder_.path(), store(), gone), IsEmpty());
}

TEST_P(HistoryContract, IdsOnlyEverGrow) {
  std::int64_t last = 0;
  const auto expect_larger = [&](std::int64_t id) {
    EXPECT_GT(id, last);
    last = id;
  };
  for (int i = 0; i < 12; ++i) {
    const UserId user = Register("user" + std::to_string(i));
    expect_larger(user.value);
    expect_larger(Publish(user).id.value);
    clock_.Advance(i % 2 ? absl::Hours(1) : -absl::Hours(24 * 3650));
    if (i == 6 && GetParam().durable) Reopen();
  }
}

// Random commands of a few users on the same objects, most of them valid.
class RandomHistory {
 public:
  RandomHistory(Store& store, unsigned seed) : store_(store), random_(seed) {}

  void Step(int step) {
    switch (Pick(12)) {
      case 0:
        if (users_.size() < 12) {
          const auto user =
              Do(store_,
                 CreateUser{"user" + std::to_string(step), "Name", "hash", {}});
          if (user.ok()) users_.push_back(user->id);
        } else if (Pick(6) == 0) {
          Ignore(DeleteUser{AUser()});
        }
        break;
      case 1:
      case 2:
        AddAPhoto(step);
        break;
      case 3:
        if (Pick(3) == 0) Ignore(DeletePhoto{AUser(), APhoto()});
        break;
      case 4:
        Ignore(UpdatePhoto{AUser(), APhoto(), {}, {}, AVisibility()});
        break;
      case 5:
        Ignore(FollowUser{AUser(), AUser()});
        break;
      case 6:
        Ignore(UnfollowUser{AUser(), AUser()});
        break;
      case 7:
        if (Pick(2) == 0) {
          Ignore(BlockUser{AUser(), AUser()});
        } else {
          Ignore(UnblockUser{AUser(), AUser()});
        }
        break;
      case 8:
      case 9:
        Ignore(LikePhoto{AUser(), APhoto()});
        break;
      case 10:
        Ignore(UnlikePhoto{AUser(), APhoto()});
        break;
      case 11:
        Comment();
        break;
    }
  }

 private:
  template <typename C>
  void Ignore(C command) {
    (void)Do(store_, std::move(command));
  }
  int Pick(int n) { return static_cast<int>(random_() % n); }
  UserId AUser() {
    return users_.empty() ? UserId{} : users_[Pick(int(users_.size()))];
  }
  PhotoId APhoto() {
    return photos_.empty() ? PhotoId{} : photos_[Pick(int(photos_.size()))];
  }
  Visibility AVisibility() { return static_cast<Visibility>(1 + Pick(3)); }
  void AddAPhoto(int step) {
    const std::string key = "key" + std::to_string(step);
    Ignore(RecordUpload{key});
    const auto photo =
        Do(store_,
           AddPhoto{
               AUser(), key, "", "", AVisibility(), 1, 1, 1, "image/png", {}});
    if (photo.ok()) photos_.push_back(photo->id);
  }
  void Comment() {
    const PhotoId photo = APhoto();
    if (Pick(3) != 0) {
      Ignore(CreateComment{AUser(), photo, "hello", {}});
      return;
    }
    const auto page = BlockingReader(store_).ListComments(AUser(), photo, {});
    if (page.ok() && !page->items.empty()) {
      Ignore(DeleteComment{AUser(), photo, page->items[0].id});
    }
  }

  Store& store_;
  std::mt19937 random_;
  std::vector<UserId> users_;
  std::vector<PhotoId> photos_;
};

TEST_P(HistoryContract, CountsStayExactThroughRandomHistories) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    RandomHistory history(store(), seed);
    for (int step = 0; step < 700; ++step) {
      history.Step(static_cast<int>(seed) * 10'000 + step);
    }
    if (GetParam().durable) Reopen();
  }
  EXPECT_GT(reader().LatestPhoto()->value, 0);
}

TEST_P(HistoryContract, ClosedStoreRefusesEverything) {
  const UserId ansel = Register("ansel");

  store().Close();
  store().Close();

  EXPECT_THAT(Try(UpdateUser{ansel, "x", "y"}),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(reader().FindUser(UserId{}, ansel),
              StatusIs(absl::StatusCode::kUnavailable));
}

PINHOLE_ON_ORDERED_STORES(HistoryContract);

}  // namespace
}  // namespace pinhole::testing
