// SPDX-License-Identifier: Apache-2.0

#include "server/model/limits.h"
#include "tests/contract/store_contract.h"

namespace pinhole::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AdministratorsContract : public StoreContract {
 protected:
  void Set(UserId user, bool administrator) {
    ASSERT_THAT(Try(SetAdministrator{user, administrator}), IsOk());
  }
  Session Login(UserId user, std::string token_hash) {
    return Try(CreateSession{user,
                             std::move(token_hash),
                             clock_.Now() + absl::Hours(1),
                             "hash",
                             {}})
        .value();
  }
  std::vector<std::string> Administrators() {
    return reader().ListAdministrators().value();
  }
};

TEST_P(AdministratorsContract, NobodyIsAnAdministratorAtFirst) {
  const UserId ansel = Register("ansel");

  EXPECT_FALSE(reader().FindCredentials("ansel")->administrator);
  EXPECT_FALSE(Login(ansel, "token").administrator);
  EXPECT_THAT(Administrators(), IsEmpty());
}

TEST_P(AdministratorsContract, GrantAppliesToAllSessions) {
  const UserId ansel = Register("ansel");
  Register("dora");
  Login(ansel, "before");

  Set(ansel, true);

  EXPECT_TRUE(reader().FindSession("before")->administrator);
  EXPECT_TRUE(Login(ansel, "after").administrator);
  EXPECT_TRUE(reader().ListSessions(ansel, {})->items[0].administrator);
  EXPECT_TRUE(reader().FindCredentials(ansel)->administrator);
  EXPECT_FALSE(reader().FindCredentials("dora")->administrator);
}

TEST_P(AdministratorsContract, GrantIsIdempotent) {
  const UserId ansel = Register("ansel");

  Set(ansel, true);
  Set(ansel, true);

  EXPECT_THAT(Administrators(), ElementsAre("ansel"));
}

TEST_P(AdministratorsContract, RevocationAppliesToAllSessions) {
  const UserId ansel = Register("ansel");
  Set(ansel, true);
  Login(ansel, "token");

  Set(ansel, false);

  EXPECT_FALSE(reader().FindSession("token")->administrator);
  EXPECT_FALSE(reader().FindCredentials("ansel")->administrator);
  EXPECT_THAT(Administrators(), IsEmpty());
}

TEST_P(AdministratorsContract, AreListedByHandle) {
  for (const char* handle : {"dora", "ansel", "edward"}) {
    Set(Register(handle), true);
  }

  EXPECT_THAT(Administrators(), ElementsAre("ansel", "dora", "edward"));
}

TEST_P(AdministratorsContract, UnknownUserIsNotFound) {
  EXPECT_THAT(Try(SetAdministrator{UserId{7}, true}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(AdministratorsContract, DeletedUserIsNoLongerAnAdministrator) {
  const UserId ansel = Register("ansel");
  Set(ansel, true);

  Try(DeleteUser{ansel}).value();
  clock_.Advance(limits::kHandleReservation);
  const UserId another = Register("ansel");

  EXPECT_THAT(Administrators(), IsEmpty());
  EXPECT_FALSE(reader().FindCredentials(another)->administrator);
}

class DurableAdministrators : public AdministratorsContract {};

TEST_P(DurableAdministrators, RestartKeepsThem) {
  Set(Register("ansel"), true);

  Reopen();

  EXPECT_THAT(Administrators(), ElementsAre("ansel"));
}

class RemovalsContract : public AdministratorsContract {
 protected:
  RemovalsContract() { Set(root_, true); }

  std::vector<Removal> Removals() {
    return ReadAll(
        [&](PageRequest page) { return reader().ListRemovals(page); });
  }

  const UserId root_ = Register("root");
  const UserId ansel_ = Register("ansel");
  const UserId bea_ = Register("bea");
};

TEST_P(RemovalsContract, AdministratorRemovesPhotosTheyDoNotSee) {
  const PhotoId hidden = Publish(ansel_, Visibility::kPrivate).id;
  const PhotoId blocked = Publish(bea_).id;
  Block(bea_, root_);

  EXPECT_THAT(Try(DeletePhoto{bea_, hidden}),
              StatusIs(absl::StatusCode::kNotFound));
  const auto removed = Try(DeletePhoto{root_, hidden}).value();
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Try(DeletePhoto{root_, blocked}), IsOk());

  EXPECT_THAT(reader().FindPhoto(ansel_, hidden),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(reader().FindPhoto(bea_, blocked),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_TRUE(removed.removal);
  const std::vector<Removal> records = Removals();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].photo, blocked);
  EXPECT_EQ(records[0].owner, "bea");
  EXPECT_EQ(records[0].time, clock_.Now());
  EXPECT_EQ(records[1].id, removed.removal->id);
  EXPECT_EQ(records[1].kind, Removal::Kind::kPhoto);
  EXPECT_EQ(records[1].administrator, "root");
  EXPECT_EQ(records[1].owner, "ansel");
  EXPECT_EQ(records[1].photo, hidden);
  EXPECT_EQ(records[1].comment, CommentId{});
}

TEST_P(RemovalsContract, AdministratorRemovesComments) {
  const PhotoId photo = Publish(ansel_, Visibility::kFollowers).id;
  Follow(bea_, ansel_);
  const CommentId comment = Remark(bea_, photo);

  EXPECT_THAT(Try(DeleteComment{root_, photo, comment}), IsOk());
  EXPECT_THAT(Try(DeleteComment{root_, photo, comment}),
              StatusIs(absl::StatusCode::kNotFound));

  EXPECT_EQ(PhotoAs(ansel_, photo).comment_count, 0);
  const std::vector<Removal> records = Removals();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].kind, Removal::Kind::kComment);
  EXPECT_EQ(records[0].owner, "bea");
  EXPECT_EQ(records[0].photo, photo);
  EXPECT_EQ(records[0].comment, comment);
}

TEST_P(RemovalsContract, RecordOutlivesBothAccounts) {
  EXPECT_THAT(Try(DeleteUser{ansel_, root_}), IsOk());
  EXPECT_THAT(Try(DeleteUser{root_}), IsOk());

  EXPECT_THAT(reader().FindCredentials("ansel"),
              StatusIs(absl::StatusCode::kNotFound));
  const std::vector<Removal> records = Removals();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].kind, Removal::Kind::kUser);
  EXPECT_EQ(records[0].administrator, "root");
  EXPECT_EQ(records[0].owner, "ansel");
}

TEST_P(RemovalsContract, RemovalOfOwnContentLeavesNoRecord) {
  const PhotoId photo = Publish(root_).id;
  const PhotoId other = Publish(ansel_).id;

  EXPECT_FALSE(Try(DeleteComment{root_, photo, Remark(bea_, photo)})->removal);
  EXPECT_FALSE(Try(DeleteComment{root_, other, Remark(root_, other)})->removal);
  EXPECT_FALSE(Try(DeletePhoto{root_, photo})->removal);
  EXPECT_FALSE(Try(DeleteUser{root_, root_})->removal);

  EXPECT_THAT(Removals(), IsEmpty());
}

TEST_P(RemovalsContract, RevokedAdministratorRemovesNothing) {
  const PhotoId photo = Publish(ansel_).id;
  const CommentId comment = Remark(bea_, photo);
  const PhotoId hidden = Publish(ansel_, Visibility::kPrivate).id;
  Set(root_, false);

  const auto denied = StatusIs(absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(Try(DeletePhoto{root_, photo}), denied);
  EXPECT_THAT(Try(DeleteComment{root_, photo, comment}), denied);
  EXPECT_THAT(Try(DeleteUser{ansel_, root_}), denied);
  EXPECT_THAT(Try(DeletePhoto{root_, hidden}),
              StatusIs(absl::StatusCode::kNotFound));

  EXPECT_THAT(Removals(), IsEmpty());
  EXPECT_EQ(PhotoAs({}, photo).comment_count, 1);
}

PINHOLE_ON_ALL_STORES(AdministratorsContract);
PINHOLE_ON_ALL_STORES(RemovalsContract);
PINHOLE_ON_DURABLE_STORES(DurableAdministrators);

}  // namespace
}  // namespace pinhole::testing
