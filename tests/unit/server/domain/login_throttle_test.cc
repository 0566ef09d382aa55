// SPDX-License-Identifier: Apache-2.0

#include "server/domain/login_throttle.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/async/blocking_executor.h"
#include "base/clock.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/memory_guess_counter.h"
#include "server/store/postgres/guesses/postgres_guess_counter.h"
#include "server/store/postgres/schema/schema.h"
#include "tests/support/model_store/model_store.h"
#include "tests/support/postgres_cluster.h"
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

// A server that counts guesses in its own memory, or in a database.
class Server {
 public:
  virtual ~Server() = default;
  virtual GuessCounter& counter() = 0;
};

class SeparateServer final : public Server {
 public:
  GuessCounter& counter() override { return counter_; }

 private:
  MemoryGuessCounter counter_;
};

class ServerOnPostgres final : public Server {
 public:
  // With one thread, refunds end before the guesses that follow them.
  explicit ServerOnPostgres(const std::string& uri)
      : threads_({.uri = uri, .clock = &clock_, .threads = 1}) {
    threads_.Start();
  }
  GuessCounter& counter() override { return counter_; }

 private:
  const SystemClock clock_;
  postgres::ReaderThreads threads_;
  postgres::PostgresGuessCounter counter_{threads_};
};

void CreateTables(const std::string& uri) {
  const auto connection = postgres::Connection::Open(
      {.uri = uri, .kind = postgres::ConnectionKind::kUpgrade});
  ASSERT_THAT(connection.status(), IsOk());
  ASSERT_THAT(postgres::Migrate(**connection), IsOk());
}

enum class Counting { kInMemory, kInPostgres };

class LoginThrottleTest : public ::testing::TestWithParam<Counting> {
 protected:
  LoginThrottleTest() {
    if (GetParam() == Counting::kInMemory) {
      server_ = std::make_unique<SeparateServer>();
    } else {
      database_ = std::make_unique<pinhole::testing::TestDatabase>();
      CreateTables(database_->uri());
      server_ = std::make_unique<ServerOnPostgres>(database_->uri());
    }
    throttle_.emplace(server_->counter(), store_, LoginThrottle::Options());
  }

  auto Login(const std::string& handle, Network network) {
    return BlockingExecutor().Run(throttle_->Login(handle, network, now_));
  }
  auto Confirm(UserId account) {
    return BlockingExecutor().Run(throttle_->Confirm(account, now_));
  }
  absl::Status Guess(const std::string& handle, Network network) {
    auto guess = Login(handle, network);
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
    Login(handle, network).value().Right();
  }
  // Exhausts the limit of an account from many addresses.
  void GuessFromEverywhere(const std::string& handle) {
    for (std::uint64_t network = 1000; network < 1020; ++network) {
      GuessAll(handle, network);
    }
  }

  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  std::unique_ptr<pinhole::testing::TestDatabase> database_;
  std::unique_ptr<Server> server_;
  const SystemClock clock_;
  const pinhole::testing::ModelStore store_{clock_};  // For its secret.
  std::optional<LoginThrottle> throttle_;
};

INSTANTIATE_TEST_SUITE_P(Counting, LoginThrottleTest,
                         ::testing::Values(Counting::kInMemory,
                                           Counting::kInPostgres),
                         [](const auto& info) {
                           return info.param == Counting::kInMemory
                                      ? "InMemory"
                                      : "InPostgres";
                         });

TEST_P(LoginThrottleTest, TenWrongPasswordsThenOneEveryHalfMinute) {
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

TEST_P(LoginThrottleTest, RightPasswordsAreRefunded) {
  for (int i = 0; i < 1000; ++i) SignIn("ansel", kThere);

  EXPECT_EQ(GuessAll("ansel", kThere), 10);
}

TEST_P(LoginThrottleTest, GuessesThatAreNotHashedAreRefunded) {
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THAT(Login("ansel", kThere).status(), IsOk());
  }
}

TEST_P(LoginThrottleTest, ConcurrentGuessesAreCounted) {
  std::vector<LoginThrottle::Guess> under_way;
  under_way.reserve(10);
  for (int i = 0; i < 10; ++i) {
    under_way.push_back(Login("ansel", kThere).value());
  }

  EXPECT_THAT(Guess("ansel", kThere), StatusIs(kResourceExhausted));
  under_way.clear();
  EXPECT_THAT(Guess("ansel", kThere), IsOk());
}

TEST_P(LoginThrottleTest, AStrangerDoesNotLockTheOwnerOut) {
  GuessAll("ansel", kThere);

  EXPECT_THAT(Guess("ansel", kElsewhere), IsOk());
}

TEST_P(LoginThrottleTest, GuessesFromEverywhereAreBounded) {
  GuessFromEverywhere("ansel");

  const absl::Status status = Guess("ansel", kElsewhere);
  EXPECT_THAT(status, StatusIs(kResourceExhausted));
  EXPECT_EQ(RetryDelayOf(status), absl::Seconds(10));
}

TEST_P(LoginThrottleTest, OwnerCanLogInFromAKnownAddress) {
  SignIn("ansel", kElsewhere);
  GuessFromEverywhere("ansel");

  // The tight limit still applies there.
  EXPECT_EQ(GuessAll("ansel", kElsewhere), 10);
}

TEST_P(LoginThrottleTest, GuessesFromOneAddressForAllAccountsAreBounded) {
  int guesses = 0;
  while (Guess("user" + std::to_string(guesses), kThere).ok()) ++guesses;

  EXPECT_EQ(guesses, 30);
  EXPECT_THAT(Guess("ansel", kElsewhere), IsOk());
}

TEST_P(LoginThrottleTest, RefusalByOneLimitIsNotChargedToAnother) {
  GuessAll("ansel", kThere);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_THAT(Guess("ansel", kThere), StatusIs(kResourceExhausted));
  }

  EXPECT_EQ(GuessAll("edward", kThere), 10);
  EXPECT_EQ(GuessAll("ansel", kElsewhere), 10);
}

TEST_P(LoginThrottleTest, OnLoopbackOnlyTheAccountIsLimited) {
  EXPECT_EQ(GuessAll("ansel", kHere), 100);
  EXPECT_EQ(GuessAll("edward", kHere), 100);
}

TEST_P(LoginThrottleTest, LoopbackIsNeverAKnownAddress) {
  SignIn("ansel", kHere);

  EXPECT_EQ(GuessAll("ansel", kHere), 100);
}

TEST_P(LoginThrottleTest, ConfirmingHasALimitOfItsOwn) {
  const auto confirm = [this] {
    auto guess = Confirm({1});
    if (guess.ok()) guess->Wrong();
    return guess.status();
  };
  GuessFromEverywhere("ansel");
  for (int i = 0; i < 10; ++i) EXPECT_THAT(confirm(), IsOk());

  EXPECT_THAT(confirm(), StatusIs(kResourceExhausted));
  EXPECT_THAT(Confirm({2}).status(), IsOk());
}

TEST_P(LoginThrottleTest, DisabledThrottleAllowsEverything) {
  throttle_.emplace(server_->counter(), store_,
                    LoginThrottle::Options{.enabled = false});
  for (int i = 0; i < 1000; ++i) {
    Login("ansel", kThere).value().Wrong();
    Confirm({1}).value().Wrong();
  }
}

TEST_P(LoginThrottleTest, ServersShareTheBudgetOnlyInPostgres) {
  EXPECT_EQ(GuessAll("ansel", kThere), 10);

  if (GetParam() == Counting::kInMemory) {
    server_ = std::make_unique<SeparateServer>();
  } else {
    server_ = std::make_unique<ServerOnPostgres>(database_->uri());
  }
  throttle_.emplace(server_->counter(), store_, LoginThrottle::Options());
  EXPECT_EQ(GuessAll("ansel", kThere),
            GetParam() == Counting::kInMemory ? 10 : 0);
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
