// SPDX-License-Identifier: Apache-2.0

#include "base/errors.h"
#include "server/model/limits.h"
#include "tests/contract/store_contract.h"
#include "tests/support/test_loop.h"

namespace pinhole::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AccountsContract : public StoreContract {
 protected:
  absl::StatusOr<Session> Login(UserId user, std::string token_hash,
                                absl::Duration lasts = absl::Hours(1)) {
    return Try(CreateSession{user, std::move(token_hash), clock_.Now() + lasts,
                             "hash", RequestKey{}});
  }
  static CreateUser Request(std::string handle, std::string key,
                            std::string fingerprint) {
    return CreateUser{std::move(handle), "Name", "hash",
                      RequestKey{std::move(key), std::move(fingerprint)}};
  }
};

TEST_P(AccountsContract, NewUserIsFoundByIdAndHandle) {
  const User made = Try(CreateUser{"ansel", "Ansel Adams", "hash", {}}).value();

  EXPECT_EQ(made.handle, "ansel");
  EXPECT_EQ(made.display_name, "Ansel Adams");
  EXPECT_EQ(made.create_time, clock_.Now());
  EXPECT_EQ(reader().FindUser(UserId{}, "ansel")->id, made.id);
  EXPECT_EQ(UserAs(UserId{}, made.id).handle, "ansel");
  EXPECT_EQ(reader().FindCredentials("ansel")->password_hash, "hash");
  EXPECT_EQ(reader().FindCredentials(made.id)->handle, "ansel");
}

TEST_P(AccountsContract, UnknownUserIsNotFound) {
  EXPECT_THAT(reader().FindUser(UserId{}, "nobody"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(reader().FindUser(UserId{}, UserId{77}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(reader().FindCredentials("nobody"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(UpdateUser{UserId{77}, "x", "y"}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(DeleteUser{UserId{77}}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(ChangePassword{UserId{77}, "x", {}}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Login(UserId{77}, "token"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(AccountsContract, HandleIsTakenOnce) {
  Register("ansel");

  EXPECT_THAT(Try(CreateUser{"ansel", "Another", "hash", {}}),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_P(AccountsContract, UpdateChangesOnlyWhatIsGiven) {
  const UserId ansel = Register("ansel");

  Try(UpdateUser{ansel, std::nullopt, "mountains"}).value();
  const User user = Try(UpdateUser{ansel, "Ansel", std::nullopt}).value();

  EXPECT_EQ(user.display_name, "Ansel");
  EXPECT_EQ(user.bio, "mountains");
}

TEST_P(AccountsContract, TextIsKeptByteForByte) {
  const std::string text = "'; DROP TABLE users; --\x01\xf0\x9f\x93\xb7";
  const UserId ansel = Register("ansel");

  Try(UpdateUser{ansel, text, std::nullopt}).value();

  EXPECT_EQ(UserAs(ansel, ansel).display_name, text);
}

TEST_P(AccountsContract, SearchFindsPrefixesInOrderOfHandles) {
  for (const char* handle : {"bob", "ann", "anna", "an", "ao", "annb"}) {
    Register(handle);
  }

  EXPECT_THAT(Handles(reader().SearchUsers({}, "ann", "", 10).value()),
              ElementsAre("ann", "anna", "annb"));
  EXPECT_THAT(Handles(reader().SearchUsers({}, "ann", "ann", 1).value()),
              ElementsAre("anna"));
  EXPECT_THAT(Handles(reader().SearchUsers({}, "", "ao", 10).value()),
              ElementsAre("bob"));
  EXPECT_THAT(reader().SearchUsers({}, "zz", "", 10).value(), IsEmpty());
}

TEST_P(AccountsContract, SessionLastsUntilItsEnd) {
  const UserId ansel = Register("ansel");
  const Session made = Login(ansel, "token").value();

  EXPECT_EQ(made.handle, "ansel");
  EXPECT_EQ(reader().FindSession("token")->user, ansel);
  clock_.Advance(absl::Hours(1));
  EXPECT_THAT(reader().FindSession("token"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(AccountsContract, TouchedSessionLastsLongerButNotForever) {
  const UserId ansel = Register("ansel");
  const Session made = Login(ansel, "token").value();

  Try(TouchSession{made.id, clock_.Now() + absl::Hours(2)}).value();
  EXPECT_EQ(reader().FindSession("token")->expire_time,
            clock_.Now() + absl::Hours(2));
  Try(TouchSession{made.id, clock_.Now() + absl::Hours(24 * 365)}).value();
  EXPECT_EQ(reader().FindSession("token")->expire_time,
            made.create_time + limits::kSessionLifetime);
  EXPECT_THAT(Try(TouchSession{SessionId{9}, clock_.Now()}), IsOk());
}

TEST_P(AccountsContract, TouchDoesNotReviveASession) {
  const Session made = Login(Register("ansel"), "token").value();
  clock_.Advance(absl::Hours(2));

  Try(TouchSession{made.id, clock_.Now() + absl::Hours(2)}).value();

  EXPECT_THAT(reader().FindSession("token"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(AccountsContract, LogoutEndsOnlyOnesOwnSession) {
  const UserId ansel = Register("ansel");
  const UserId dora = Register("dora");
  const Session session = Login(ansel, "token").value();

  EXPECT_THAT(Try(DeleteSession{dora, session.id}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(DeleteSession{ansel, session.id}), IsOk());
  EXPECT_THAT(reader().FindSession("token"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Try(DeleteSession{ansel, session.id}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(AccountsContract, NewPasswordEndsOtherSessions) {
  const UserId ansel = Register("ansel");
  const Session kept = Login(ansel, "kept").value();
  Login(ansel, "ended").value();
  Login(Register("dora"), "others").value();

  Try(ChangePassword{ansel, "new hash", kept.id}).value();

  EXPECT_EQ(reader().FindCredentials(ansel)->password_hash, "new hash");
  EXPECT_THAT(reader().FindSession("kept"), IsOk());
  EXPECT_THAT(reader().FindSession("others"), IsOk());
  EXPECT_THAT(reader().FindSession("ended"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(AccountsContract, SessionsAreListedLatestFirstWithoutEndedOnes) {
  const UserId ansel = Register("ansel");
  Login(ansel, "short", absl::Minutes(1)).value();
  for (const char* token : {"a", "b", "c"}) Login(ansel, token).value();
  clock_.Advance(absl::Minutes(2));

  std::vector<std::string> tokens;
  for (const Session& session : ReadAll([&](PageRequest page) {
         return reader().ListSessions(ansel, page);
       })) {
    tokens.push_back(session.token_hash);
  }

  EXPECT_THAT(tokens, ElementsAre("c", "b", "a"));
}

TEST_P(AccountsContract, PurgeRemovesExpiredSessions) {
  const UserId ansel = Register("ansel");
  Login(ansel, "old").value();
  clock_.Advance(absl::Hours(2));
  Login(ansel, "new").value();

  Try(PurgeExpired{}).value();

  EXPECT_THAT(reader().FindSession("new"), IsOk());
}

TEST_P(AccountsContract, RepeatedRequestReturnsTheFirstResult) {
  const User first = Try(Request("ansel", "key", "same")).value();
  const User second = Try(Request("ansel", "key", "same")).value();

  EXPECT_EQ(first.id, second.id);
  EXPECT_EQ(reader().FindRequest(RequestKey{"key", "same"}).value(),
            first.id.value);
}

// Stores keep times less precisely than clocks.
TEST_P(AccountsContract, RepeatedLoginReturnsTheSameTimes) {
  const UserId ansel = Register("ansel");
  const CreateSession login{
      ansel, "token", clock_.Now() + absl::Hours(1) + absl::Nanoseconds(7),
      "hash", RequestKey{"key", "same"}};

  const Session first = Try(login).value();
  const Session second = Try(login).value();

  EXPECT_EQ(first.id, second.id);
  EXPECT_EQ(first.create_time, second.create_time);
  EXPECT_EQ(first.expire_time, second.expire_time);
}

TEST_P(AccountsContract, RequestWithOtherContentIsRefused) {
  Try(Request("ansel", "key", "one")).value();

  const auto other = Try(Request("dora", "key", "two"));

  EXPECT_THAT(other, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(FieldOf(other.status()), "request_id");
  EXPECT_THAT(reader().FindRequest(RequestKey{"key", "two"}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(reader().FindUser(UserId{}, "dora"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(AccountsContract, RequestIsForgottenAfterADay) {
  Try(Request("ansel", "key", "one")).value();
  clock_.Advance(limits::kRequestIdRetention);

  EXPECT_EQ(reader().FindRequest(RequestKey{"key", "one"}).value(), 0);
  EXPECT_THAT(Try(Request("dora", "key", "two")), IsOk());
  EXPECT_THAT(Try(Request("emil", "key", "three")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// A login that was checked against the old password must not succeed.
TEST_P(AccountsContract, SessionIsNotBegunWithAChangedPassword) {
  const UserId user = Register("ansel");
  Try(ChangePassword{user, "new hash", SessionId{}}).value();

  EXPECT_THAT(Login(user, "token"), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(reader().FindSession("token"),
              StatusIs(absl::StatusCode::kNotFound));
}

// The token of a login with a request id is derived from that id.
TEST_P(AccountsContract, LoginRepeatedAfterItsRequestIsForgottenBeginsAnew) {
  const UserId ansel = Register("ansel");
  const auto login = [&] {
    return Try(CreateSession{ansel, "token", clock_.Now() + absl::Hours(100),
                             "hash", RequestKey{"login", "content"}});
  };
  const Session first = login().value();
  clock_.Advance(limits::kRequestIdRetention);

  const absl::StatusOr<Session> second = login();

  ASSERT_THAT(second, IsOk());
  EXPECT_GT(second->id, first.id);
  EXPECT_EQ(reader().FindSession("token")->id, second->id);
  EXPECT_EQ(reader().ListSessions(ansel, {})->items.size(), 1u);
}

TEST_P(AccountsContract, NewSessionHasTheTimesItIsFoundWith) {
  const Session made =
      Login(Register("ansel"), "token", absl::Microseconds(1'234'567)).value();

  const Session found = reader().FindSession("token").value();

  EXPECT_EQ(made.create_time, found.create_time);
  EXPECT_EQ(made.expire_time, found.expire_time);
}

TEST_P(AccountsContract, PurgeTakesTheOldestFirst) {
  const UserId ansel = Register("ansel");
  Login(ansel, "late", absl::Minutes(2)).value();
  Login(ansel, "early", absl::Minutes(1)).value();
  clock_.Advance(absl::Minutes(3));

  Try(PurgeExpired{1}).value();

  clock_.Advance(-absl::Minutes(3));  // Makes remaining sessions visible.
  EXPECT_THAT(reader().FindSession("late"), IsOk());
  EXPECT_THAT(reader().FindSession("early"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(AccountsContract, FailedRequestMayBeRepeatedDifferently) {
  Register("ansel");

  EXPECT_THAT(Try(Request("ansel", "key", "one")),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Try(Request("dora", "key", "two")), IsOk());
}

TEST_P(AccountsContract, RepeatedRequestForADeletedResultIsNotFound) {
  const User user = Try(Request("ansel", "key", "one")).value();
  const auto login = [&] {
    return Try(CreateSession{user.id, "token", clock_.Now() + absl::Hours(1),
                             "hash", RequestKey{"login", "content"}});
  };
  const Session session = login().value();
  EXPECT_EQ(login()->id, session.id);

  Try(DeleteSession{user.id, session.id}).value();
  EXPECT_THAT(login(), StatusIs(absl::StatusCode::kNotFound));
  Try(DeleteUser{user.id}).value();
  EXPECT_THAT(Try(Request("ansel", "key", "one")),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(AccountsContract, CoroutinesAwaitCommands) {
  TestLoop loop;
  CreateUser command{"ansel", "Ansel", "hash", {}};

  const auto user = loop.Run(store().Execute(std::move(command)));

  EXPECT_EQ(user->handle, "ansel");
}

class DurableContract : public AccountsContract {};

TEST_P(DurableContract, RestartKeepsEverything) {
  const UserId ansel = Register("ansel");
  const UserId dora = Register("dora");
  Login(ansel, "token").value();
  const Photo photo = Publish(ansel, Visibility::kFollowers, "Half Dome");
  Follow(dora, ansel);
  Like(dora, photo.id);
  Remark(dora, photo.id, "splendid");
  const std::string secret(store().secret());

  Reopen();

  EXPECT_EQ(store().secret(), secret);
  EXPECT_EQ(secret.size(), 32u);
  EXPECT_THAT(reader().FindSession("token"), IsOk());
  const Photo kept = PhotoAs(dora, photo.id);
  EXPECT_EQ(kept.caption, "Half Dome");
  EXPECT_EQ(kept.like_count, 1);
  EXPECT_TRUE(kept.liked);
  EXPECT_EQ(reader().ListComments(dora, photo.id, {})->items[0].text,
            "splendid");
  EXPECT_EQ(NotificationsOf(ansel).size(), 3u);
  EXPECT_GT(Publish(ansel).id, photo.id);
}

TEST_P(AccountsContract, HandleOfADeletedUserIsReservedFor30Days) {
  Try(DeleteUser{Register("ansel")}).value();
  const CreateUser again{"ansel", "Another", "hash", {}};

  EXPECT_THAT(Try(again), StatusIs(absl::StatusCode::kAlreadyExists));
  clock_.Advance(limits::kHandleReservation - absl::Milliseconds(1));
  Try(PurgeExpired{}).value();
  EXPECT_THAT(Try(again), StatusIs(absl::StatusCode::kAlreadyExists));
  clock_.Advance(absl::Milliseconds(1));

  EXPECT_THAT(Try(again), IsOk());
}

TEST_P(AccountsContract, HandleThatWasTakenAgainIsReservedAgain) {
  Try(DeleteUser{Register("ansel")}).value();
  clock_.Advance(limits::kHandleReservation);
  Try(DeleteUser{Register("ansel")}).value();
  Try(PurgeExpired{}).value();

  EXPECT_THAT(Try(CreateUser{"ansel", "Another", "hash", {}}),
              StatusIs(absl::StatusCode::kAlreadyExists));
  clock_.Advance(limits::kHandleReservation);
  Try(PurgeExpired{}).value();
  Register("ansel");
}

PINHOLE_ON_ORDERED_STORES(AccountsContract);
PINHOLE_ON_DURABLE_STORES(DurableContract);

}  // namespace
}  // namespace pinhole::testing
