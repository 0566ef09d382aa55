// SPDX-License-Identifier: Apache-2.0

#include "server/domain/accounts.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/auth/password.h"
#include "server/domain/request_key.h"
#include "server/model/limits.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/world.h"

namespace pinhole::domain {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;
using enum absl::StatusCode;

constexpr char kPassword[] = "moonrise over hernandez";

class AccountsTest : public ::testing::Test {
 protected:
  absl::StatusOr<User> Register(const std::string& handle,
                                const std::string& request_id = "",
                                const std::string& content = "",
                                const std::string& password = kPassword) {
    NewUser user{
        .handle = handle,
        .display_name = "Name of " + handle,
        .password = password,
        .request = MakeRequestKey("CreateUser", handle, request_id, content)};
    return world_.Run(accounts_.Register(std::move(user)));
  }

  absl::StatusOr<Login> LogIn(const std::string& handle,
                              const std::string& password = kPassword,
                              const std::string& request_id = "") {
    LoginAttempt attempt{
        .handle = handle,
        .password = password,
        .request_id = request_id,
        .request = MakeRequestKey("CreateSession", handle, request_id, handle)};
    return world_.Run(accounts_.LogIn(std::move(attempt)));
  }

  testing::World world_;
  Accounts& accounts_ = world_.accounts;
};

TEST_F(AccountsTest, RegisteredUserCanLogInAndIsRecognizedByTheToken) {
  const User ansel = Register("ansel").value();

  const Login login = LogIn("ansel").value();

  const Caller signed_in =
      world_.Run(accounts_.Authenticate(login.token)).value();
  EXPECT_EQ(signed_in.user, ansel.id);
  EXPECT_EQ(signed_in.session, login.session.id);
  EXPECT_EQ(signed_in.handle, "ansel");
  EXPECT_EQ(login.session.expire_time,
            world_.clock.Now() + limits::kSessionIdle);
}

TEST_F(AccountsTest, HandleIsTakenOnce) {
  ASSERT_THAT(Register("ansel"), IsOk());

  EXPECT_THAT(Register("ansel"), StatusIs(kAlreadyExists));
}

TEST_F(AccountsTest, RepeatedRegistrationReturnsTheFirstUser) {
  const User first = Register("ansel", "id").value();

  EXPECT_EQ(Register("ansel", "id").value().id, first.id);
  EXPECT_THAT(Register("ansel", "id", "other"), StatusIs(kInvalidArgument));
}

TEST_F(AccountsTest, RepeatedRegistrationNeedsThePasswordToo) {
  const User first =
      Register("ansel", "id", "", "P\u00e4ssw\u00f6rter").value();

  EXPECT_THAT(Register("ansel", "id", "", "something else"),
              StatusIs(kInvalidArgument, HasSubstr("other content")));
  EXPECT_EQ(FieldOf(Register("ansel", "id", "", "another one").status()),
            "request_id");
  EXPECT_EQ(Register("ansel", "id", "", "Pa\u0308sswo\u0308rter").value().id,
            first.id);
  EXPECT_THAT(LogIn("ansel", "something else"), StatusIs(kUnauthenticated));
}

TEST_F(AccountsTest, RepeatedRegistrationIsNoWayToGuessThePassword) {
  ASSERT_THAT(Register("ansel", "id"), IsOk());

  absl::Status refused;
  for (int i = 0; i < 30 && !absl::IsResourceExhausted(refused); ++i) {
    refused =
        Register("ansel", "id", "", "guess " + std::to_string(i)).status();
  }

  EXPECT_EQ(ReasonOf(refused), Reason::kLoginThrottled);
}

TEST_F(AccountsTest, ClosedRegistrationRefusesNewUsersAndAllowsLogins) {
  ASSERT_THAT(Register("ansel", "id"), IsOk());
  Accounts closed(*world_.store, world_.garbage, world_.passwords,
                  world_.throttle, world_.clock, Registration::kClosed);

  for (const char* handle : {"ansel", "dorothea"}) {
    NewUser user{.handle = handle,
                 .display_name = "",
                 .password = kPassword,
                 .request = MakeRequestKey("CreateUser", handle, "id", "")};
    const auto refused = world_.Run(closed.Register(std::move(user)));
    EXPECT_THAT(refused, StatusIs(kPermissionDenied));
    EXPECT_EQ(ReasonOf(refused.status()), Reason::kRegistrationClosed);
  }
  LoginAttempt attempt{.handle = "ansel",
                       .password = kPassword,
                       .request_id = "",
                       .request = {}};
  EXPECT_THAT(world_.Run(closed.LogIn(std::move(attempt))), IsOk());
  EXPECT_THAT(world_.Run(accounts_.FindUser(UserId{}, "dorothea")),
              StatusIs(kNotFound));
}

TEST_F(AccountsTest, PasswordIsTheSameHoweverItIsComposed) {
  ASSERT_THAT(Register("ansel", "", "", "P\u00e4ssw\u00f6rter 1"), IsOk());
  ASSERT_THAT(Register("dorothea", "", "", "Pa\u0308sswo\u0308rter\u00a01"),
              IsOk());

  for (const char* handle : {"ansel", "dorothea"}) {
    EXPECT_THAT(LogIn(handle, "P\u00e4ssw\u00f6rter 1"), IsOk());
    EXPECT_THAT(LogIn(handle, "Pa\u0308sswo\u0308rter\u30001"), IsOk());
    EXPECT_THAT(LogIn(handle, "Passworter 1"), StatusIs(kUnauthenticated));
  }
}

// Earlier versions hashed the raw bytes of passwords.
TEST_F(AccountsTest, HashOfAPasswordThatWasNotNormalizedStillFits) {
  const std::string decomposed = "Pa\u0308sswo\u0308rter";
  CreateUser create{.handle = "ansel",
                    .display_name = "",
                    .password_hash = auth::HashPassword(decomposed).value(),
                    .request = {}};
  const UserId ansel =
      world_.Run(world_.store->Execute(std::move(create))).value().id;

  const Login login = LogIn("ansel", decomposed).value();
  ASSERT_THAT(world_.Run(accounts_.ChangePassword(
                  {ansel}, login.session.id, "ansel", decomposed, decomposed)),
              IsOk());

  // The new hash is that of the normalized password.
  EXPECT_THAT(LogIn("ansel", "P\u00e4ssw\u00f6rter"), IsOk());
}

TEST_F(AccountsTest, PasswordThatNobodyWaitsForIsNotHashed) {
  ASSERT_THAT(Register("ansel"), IsOk());

  // Wrong, but only hashing it would reveal that.
  LoginAttempt late{.handle = "ansel",
                    .password = "wrong password",
                    .request_id = "",
                    .request = {},
                    .deadline = world_.clock.Now()};
  EXPECT_THAT(world_.Run(accounts_.LogIn(std::move(late))),
              StatusIs(kDeadlineExceeded));
}

TEST_F(AccountsTest, LoginDoesNotTellWhichOfTheTwoIsWrong) {
  ASSERT_THAT(Register("ansel"), IsOk());

  const auto wrong_password = LogIn("ansel", "something else");
  const auto wrong_handle = LogIn("edward");

  EXPECT_THAT(wrong_password, StatusIs(kUnauthenticated));
  EXPECT_EQ(wrong_password.status(), wrong_handle.status());
}

TEST_F(AccountsTest, FullHashPoolAnswersWithARetryDelay) {
  absl::Notification busy;
  // Shared with the pool's thread, which may still be waking up at the end.
  const auto go = std::make_shared<absl::Notification>();
  world_.hash_pool.Submit([&busy, go] {
    busy.Notify();
    go->WaitForNotification();
  });
  busy.WaitForNotification();
  while (world_.hash_pool.Submit([] {})) {
  }

  const auto login = LogIn("ansel");
  go->Notify();

  EXPECT_THAT(login, StatusIs(kResourceExhausted));
  EXPECT_GT(RetryDelayOf(login.status()).value(), absl::ZeroDuration());
}

TEST_F(AccountsTest, RepeatedLoginReturnsTheFirstSessionWithItsToken) {
  ASSERT_THAT(Register("ansel"), IsOk());
  const Login first = LogIn("ansel", kPassword, "id").value();

  const Login again = LogIn("ansel", kPassword, "id").value();

  EXPECT_EQ(again.session.id, first.session.id);
  EXPECT_EQ(again.token, first.token);
  EXPECT_NE(LogIn("ansel", kPassword, "id2").value().token, first.token);
}

TEST_F(AccountsTest, RepeatedLoginNeedsThePasswordToo) {
  ASSERT_THAT(Register("ansel"), IsOk());
  ASSERT_THAT(LogIn("ansel", kPassword, "id"), IsOk());

  EXPECT_THAT(LogIn("ansel", "wrong", "id"), StatusIs(kUnauthenticated));
}

TEST_F(AccountsTest, RepeatedLoginAfterLogoutAsksForANewRequestId) {
  const User ansel = Register("ansel").value();
  const Login first = LogIn("ansel", kPassword, "id").value();
  ASSERT_THAT(
      world_.Run(accounts_.DeleteSession(ansel.id, "ansel", first.session.id)),
      IsOk());

  EXPECT_THAT(LogIn("ansel", kPassword, "id"),
              StatusIs(kFailedPrecondition, HasSubstr("new request_id")));
}

TEST_F(AccountsTest, UnknownTokenIsUnauthenticated) {
  EXPECT_THAT(world_.Run(accounts_.Authenticate("nonsense")),
              StatusIs(kUnauthenticated));
  EXPECT_THAT(world_.Run(accounts_.Authenticate("")),
              StatusIs(kUnauthenticated));
}

TEST_F(AccountsTest, SessionEndsAfterThirtyDaysWithoutUse) {
  ASSERT_THAT(Register("ansel"), IsOk());
  const std::string token = LogIn("ansel").value().token;

  world_.clock.Advance(limits::kSessionIdle);

  EXPECT_THAT(world_.Run(accounts_.Authenticate(token)),
              StatusIs(kUnauthenticated));
}

TEST_F(AccountsTest, UseKeepsASessionUntilNinetyDaysHavePassed) {
  ASSERT_THAT(Register("ansel"), IsOk());
  const std::string token = LogIn("ansel").value().token;

  for (int day = 0; day < 80; day += 20) {
    world_.clock.Advance(absl::Hours(20 * 24));
    ASSERT_THAT(world_.Run(accounts_.Authenticate(token)), IsOk()) << day;
    // Commits the touch before it.
    world_.AddUser("day" + std::to_string(day));
  }

  world_.clock.Advance(absl::Hours(10 * 24));
  EXPECT_THAT(world_.Run(accounts_.Authenticate(token)),
              StatusIs(kUnauthenticated));
}

TEST_F(AccountsTest, ChangedPasswordEndsOtherSessionsOnly) {
  const User ansel = Register("ansel").value();
  const Login here = LogIn("ansel").value();
  const Login there = LogIn("ansel").value();

  ASSERT_THAT(
      world_.Run(accounts_.ChangePassword(ansel.id, here.session.id, "ansel",
                                          kPassword, "el capitan, winter")),
      IsOk());

  EXPECT_THAT(world_.Run(accounts_.Authenticate(here.token)), IsOk());
  EXPECT_THAT(world_.Run(accounts_.Authenticate(there.token)),
              StatusIs(kUnauthenticated));
  EXPECT_THAT(LogIn("ansel"), StatusIs(kUnauthenticated));
  EXPECT_THAT(LogIn("ansel", "el capitan, winter"), IsOk());
}

TEST_F(AccountsTest, ChangingThePasswordNeedsTheOldOne) {
  const User ansel = Register("ansel").value();

  EXPECT_THAT(world_.Run(accounts_.ChangePassword(ansel.id, {}, "ansel",
                                                  "wrong", "12345678")),
              StatusIs(kPermissionDenied));
  EXPECT_THAT(LogIn("ansel"), IsOk());
}

TEST_F(AccountsTest, NobodyChangesAnotherAccount) {
  ASSERT_THAT(Register("ansel"), IsOk());
  const User edward = Register("edward").value();

  EXPECT_THAT(world_.Run(accounts_.UpdateUser(edward.id, "ansel", {})),
              StatusIs(kPermissionDenied));
  EXPECT_THAT(world_.Run(accounts_.DeleteUser(edward.id, "ansel", kPassword)),
              StatusIs(kPermissionDenied));
  EXPECT_THAT(world_.Run(accounts_.ChangePassword(edward.id, {}, "ansel",
                                                  kPassword, "12345678")),
              StatusIs(kPermissionDenied));
  EXPECT_THAT(world_.Run(accounts_.ListSessions(edward.id, "ansel", {})),
              StatusIs(kPermissionDenied));
}

TEST_F(AccountsTest, AdministratorDeletesAnyAccountWithTheirOwnPassword) {
  ASSERT_THAT(Register("ansel"), IsOk());
  const User root = Register("root", "", "", "root has another one").value();
  const Login login = LogIn("ansel").value();
  ASSERT_THAT(
      world_.Run(world_.store->Execute(SetAdministrator{root.id, true})),
      IsOk());
  // A block by the user does not stop administrators.
  world_.Block(world_.reader.FindCredentials("ansel")->id, "root");

  EXPECT_THAT(world_.Run(accounts_.DeleteUser(root.id, "ansel", kPassword)),
              StatusIs(kPermissionDenied, HasSubstr("password")));
  EXPECT_THAT(world_.Run(accounts_.DeleteUser(root.id, "nobody",
                                              "root has another one")),
              StatusIs(kNotFound));
  const auto removal = world_.Run(
      accounts_.DeleteUser(root.id, "ansel", "root has another one"));

  ASSERT_THAT(removal, IsOk());
  ASSERT_TRUE(*removal);
  EXPECT_EQ((*removal)->owner, "ansel");
  EXPECT_THAT(world_.Run(accounts_.Authenticate(login.token)),
              StatusIs(kUnauthenticated));
  EXPECT_THAT(world_.Run(accounts_.FindUser({}, "root")), IsOk());
}

TEST_F(AccountsTest, SomebodyElsesSessionIsNotFound) {
  ASSERT_THAT(Register("ansel"), IsOk());
  const User edward = Register("edward").value();
  const Login login = LogIn("ansel").value();

  for (const std::string handle : {"ansel", "edward"}) {
    EXPECT_THAT(world_.Run(accounts_.DeleteSession(edward.id, handle,
                                                   login.session.id)),
                StatusIs(kNotFound, HasSubstr("users/" + handle)));
  }
  EXPECT_THAT(world_.Run(accounts_.Authenticate(login.token)), IsOk());
}

TEST_F(AccountsTest, UpdateChangesOnlyTheGivenFields) {
  const User ansel = Register("ansel").value();

  UserChanges changes{.display_name = {}, .bio = "Photographer"};
  const User updated =
      world_.Run(accounts_.UpdateUser(ansel.id, "ansel", changes)).value();

  EXPECT_EQ(updated.bio, "Photographer");
  EXPECT_EQ(updated.display_name, "Name of ansel");
}

TEST_F(AccountsTest, HandleOfADeletedUserIsFreeAfterAMonth) {
  const User ansel = Register("ansel").value();
  ASSERT_THAT(world_.Run(accounts_.DeleteUser(ansel.id, "ansel", kPassword)),
              IsOk());

  EXPECT_THAT(
      Register("ansel"),
      StatusIs(kAlreadyExists, HasSubstr("belonged to a deleted account")));
  world_.clock.Advance(absl::Hours(30 * 24));
  EXPECT_THAT(Register("ansel"), IsOk());
}

TEST_F(AccountsTest, DeletedUserLeavesNothingBehind) {
  const User ansel = Register("ansel").value();
  const Login login = LogIn("ansel").value();
  const Photo photo = world_.AddPhoto(ansel.id);
  ASSERT_EQ(world_.CountFiles(), 4u);

  ASSERT_THAT(world_.Run(accounts_.DeleteUser(ansel.id, "ansel", "wrong")),
              StatusIs(kPermissionDenied));
  ASSERT_THAT(world_.Run(accounts_.DeleteUser(ansel.id, "ansel", kPassword)),
              IsOk());

  EXPECT_THAT(world_.Run(accounts_.FindUser({}, "ansel")), StatusIs(kNotFound));
  EXPECT_THAT(world_.Run(accounts_.Authenticate(login.token)),
              StatusIs(kUnauthenticated));
  EXPECT_THAT(world_.Run(world_.photos.Find({}, photo.id)),
              StatusIs(kNotFound));
  EXPECT_EQ(world_.CountFiles(), 0u);
  EXPECT_EQ(world_.reader.ListGarbage(10).value().size(), 0u);
}

TEST_F(AccountsTest, BlockHidesUsersFromEachOtherAndFromSearch) {
  const UserId ansel = world_.AddUser("ansel");
  const UserId edward = world_.AddUser("edward");
  world_.Block(ansel, "edward");

  EXPECT_THAT(world_.Run(accounts_.FindUser(edward, "ansel")),
              StatusIs(kNotFound, HasSubstr("users/ansel does not exist")));
  EXPECT_THAT(world_.Run(accounts_.FindUser(ansel, "edward")),
              StatusIs(kNotFound));
  EXPECT_EQ(world_.Run(accounts_.SearchUsers(edward, "an", "", 10))->size(),
            0u);
  EXPECT_EQ(world_.Run(accounts_.SearchUsers({}, "an", "", 10))->size(), 1u);
}

}  // namespace
}  // namespace pinhole::domain
