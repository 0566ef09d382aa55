// SPDX-License-Identifier: Apache-2.0

#include "server/domain/login_throttle.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/world.h"

namespace pinhole::domain {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;
using enum absl::StatusCode;

constexpr Network kHere = std::nullopt;
constexpr Network kThere = 1;
constexpr Network kElsewhere = 2;

class LoginThrottleTest : public ::testing::Test {
 protected:
  absl::Status Guess(const std::string& handle, Network network) {
    auto guess = throttle_.Login(handle, network, now_);
    if (guess.ok()) guess->Wrong();
    return guess.status();
  }
  // Returns how many wrong passwords are checked.
  int GuessAll(const std::string& handle, Network network) {
    int guesses = 0;
    while (Guess(handle, network).ok()) ++guesses;
    return guesses;
  }
  void SignIn(const std::string& handle, Network network) {
    throttle_.Login(handle, network, now_).value().Right();
  }
  // Exhausts the limit of an account from many addresses.
  void GuessFromEverywhere(const std::string& handle) {
    for (std::uint64_t network = 1000; network < 1020; ++network) {
      GuessAll(handle, network);
    }
  }

  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  LoginThrottle throttle_{{}};
};

TEST_F(LoginThrottleTest, TenWrongPasswordsThenOneEveryHalfMinute) {
  EXPECT_EQ(GuessAll("ansel", kThere), 10);

  const absl::Status status = Guess("ansel", kThere);
  EXPECT_THAT(status, StatusIs(kResourceExhausted));
  EXPECT_EQ(ReasonOf(status), Reason::kLoginThrottled);
  EXPECT_EQ(RetryDelayOf(status), absl::Seconds(30));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("too many wrong passwords; try again in 30s"));

  now_ += absl::Seconds(30);
  EXPECT_EQ(GuessAll("ansel", kThere), 1);
}

TEST_F(LoginThrottleTest, RightPasswordsAreRefunded) {
  for (int i = 0; i < 1000; ++i) SignIn("ansel", kThere);

  EXPECT_EQ(GuessAll("ansel", kThere), 10);
}

TEST_F(LoginThrottleTest, GuessesThatAreNotHashedAreRefunded) {
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THAT(throttle_.Login("ansel", kThere, now_).status(), IsOk());
  }
}

TEST_F(LoginThrottleTest, ConcurrentGuessesAreCounted) {
  std::vector<LoginThrottle::Guess> under_way;
  under_way.reserve(10);
  for (int i = 0; i < 10; ++i) {
    under_way.push_back(throttle_.Login("ansel", kThere, now_).value());
  }

  EXPECT_THAT(Guess("ansel", kThere), StatusIs(kResourceExhausted));
  under_way.clear();
  EXPECT_THAT(Guess("ansel", kThere), IsOk());
}

TEST_F(LoginThrottleTest, AStrangerDoesNotLockTheOwnerOut) {
  GuessAll("ansel", kThere);

  EXPECT_THAT(Guess("ansel", kElsewhere), IsOk());
}

TEST_F(LoginThrottleTest, GuessesFromEverywhereAreBounded) {
  GuessFromEverywhere("ansel");

  const absl::Status status = Guess("ansel", kElsewhere);
  EXPECT_THAT(status, StatusIs(kResourceExhausted));
  EXPECT_EQ(RetryDelayOf(status), absl::Seconds(10));
}

TEST_F(LoginThrottleTest, OwnerCanLogInFromAKnownAddress) {
  SignIn("ansel", kElsewhere);
  GuessFromEverywhere("ansel");

  // The tight limit still applies there.
  EXPECT_EQ(GuessAll("ansel", kElsewhere), 10);
}

TEST_F(LoginThrottleTest, GuessesFromOneAddressForAllAccountsAreBounded) {
  int guesses = 0;
  while (Guess("user" + std::to_string(guesses), kThere).ok()) ++guesses;

  EXPECT_EQ(guesses, 30);
  EXPECT_THAT(Guess("ansel", kElsewhere), IsOk());
}

TEST_F(LoginThrottleTest, RefusalByOneLimitIsNotChargedToAnother) {
  GuessAll("ansel", kThere);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THAT(Guess("ansel", kThere), StatusIs(kResourceExhausted));
  }

  EXPECT_EQ(GuessAll("edward", kThere), 10);
  EXPECT_EQ(GuessAll("ansel", kElsewhere), 10);
}

TEST_F(LoginThrottleTest, OnLoopbackOnlyTheAccountIsLimited) {
  EXPECT_EQ(GuessAll("ansel", kHere), 100);
  EXPECT_EQ(GuessAll("edward", kHere), 100);
}

TEST_F(LoginThrottleTest, LoopbackIsNeverAKnownAddress) {
  SignIn("ansel", kHere);

  EXPECT_EQ(GuessAll("ansel", kHere), 100);
}

TEST_F(LoginThrottleTest, ConfirmingHasALimitOfItsOwn) {
  const auto confirm = [this] {
    auto guess = throttle_.Confirm({1}, now_);
    if (guess.ok()) guess->Wrong();
    return guess.status();
  };
  GuessFromEverywhere("ansel");
  for (int i = 0; i < 10; ++i) EXPECT_THAT(confirm(), IsOk());

  EXPECT_THAT(confirm(), StatusIs(kResourceExhausted));
  EXPECT_THAT(throttle_.Confirm({2}, now_).status(), IsOk());
}

TEST_F(LoginThrottleTest, DisabledThrottleAllowsEverything) {
  LoginThrottle off({.enabled = false});
  for (int i = 0; i < 1000; ++i) {
    off.Login("ansel", kThere, now_).value().Wrong();
    off.Confirm({1}, now_).value().Wrong();
  }
}

// The throttle as used by Accounts.
class ThrottledAccountsTest : public ::testing::Test {
 protected:
  ThrottledAccountsTest() {
    NewUser user;
    user.handle = "ansel";
    user.password = kPassword;
    ansel_ = world_.Run(accounts_.Register(std::move(user))).value().id;
  }

  absl::Status LogIn(const std::string& handle, const std::string& password,
                     Network network = kThere) {
    LoginAttempt attempt;
    attempt.handle = handle;
    attempt.password = password;
    attempt.network = network;
    return world_.Run(accounts_.LogIn(std::move(attempt))).status();
  }
  absl::Status ChangePassword(const std::string& old_password) {
    return world_.Run(accounts_.ChangePassword(ansel_, {}, "ansel",
                                               old_password, "another one"));
  }

  static constexpr char kPassword[] = "moonrise over hernandez";
  testing::World world_;
  Accounts& accounts_ = world_.accounts;
  UserId ansel_;
};

TEST_F(ThrottledAccountsTest, TheRightPasswordIsNotCheckedAfterTenWrongOnes) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(LogIn("ansel", "wrong"), StatusIs(kUnauthenticated));
  }
  const auto hashed = accounts_.Stats().passwords.verify_times;

  EXPECT_THAT(LogIn("ansel", kPassword), StatusIs(kResourceExhausted));
  EXPECT_EQ(accounts_.Stats().passwords.verify_times.sum, hashed.sum);
  EXPECT_EQ(accounts_.Stats().logins_locked, 1);

  EXPECT_THAT(LogIn("ansel", kPassword, kElsewhere), IsOk());
  world_.clock.Advance(absl::Seconds(30));
  EXPECT_THAT(LogIn("ansel", kPassword), IsOk());
}

TEST_F(ThrottledAccountsTest, AnUnknownHandleIsThrottledAlike) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(LogIn("nobody", "wrong"), StatusIs(kUnauthenticated));
    EXPECT_THAT(LogIn("ansel", "wrong"), StatusIs(kUnauthenticated));
  }

  EXPECT_EQ(LogIn("nobody", "wrong"), LogIn("ansel", "wrong"));
}

TEST_F(ThrottledAccountsTest, SigningInOverAndOverIsNotThrottled) {
  for (int i = 0; i < 12; ++i) {
    EXPECT_THAT(LogIn("ansel", kPassword), IsOk());
  }
}

TEST_F(ThrottledAccountsTest, GuessingWithASessionIsThrottled) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(ChangePassword("wrong"), StatusIs(kPermissionDenied));
  }

  EXPECT_EQ(ReasonOf(ChangePassword(kPassword)), Reason::kLoginThrottled);
  EXPECT_EQ(
      ReasonOf(world_.Run(accounts_.DeleteUser(ansel_, "ansel", kPassword))
                   .status()),
      Reason::kLoginThrottled);
  EXPECT_THAT(LogIn("ansel", kPassword), IsOk());
}

}  // namespace
}  // namespace pinhole::domain
