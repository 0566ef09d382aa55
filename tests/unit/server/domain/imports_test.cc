// SPDX-License-Identifier: Apache-2.0

#include "server/domain/imports.h"

#include <string>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/auth/password.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/domain/sqlite_world.h"

namespace pinhole::domain {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;
using enum absl::StatusCode;

constexpr char kPassword[] = "moonrise over hernandez";

class ImportsTest : public ::testing::Test {
 protected:
  using Imported = absl::StatusOr<std::vector<ImportedUser>>;

  Imported Run(const std::vector<std::string>& handles,
               const std::string& password = "") {
    Import import;
    import.password = password;
    import.with_sessions = true;
    for (const std::string& handle : handles) {
      import.users.push_back({handle, "Name of " + handle});
    }
    return world_.Run(world_.imports.Run(std::move(import)));
  }

  ImportedUser One(const std::string& handle,
                   const std::string& password = "") {
    return Run({handle}, password).value().at(0);
  }

  void Register(const std::string& handle, const std::string& password) {
    NewUser user{.handle = handle,
                 .display_name = "Registered",
                 .password = password,
                 .request = {}};
    ASSERT_THAT(world_.Run(world_.accounts.Register(std::move(user))), IsOk());
  }

  absl::StatusOr<Login> LogIn(const std::string& handle,
                              const std::string& password) {
    LoginAttempt attempt{.handle = handle,
                         .password = password,
                         .request_id = "",
                         .request = {}};
    return world_.Run(world_.accounts.LogIn(std::move(attempt)));
  }

  std::string WhoseIs(const std::string& token) {
    return world_.Run(world_.accounts.Authenticate(token)).value().handle;
  }

  // With the real writer thread.
  testing::SqliteWorld world_;
};

TEST_F(ImportsTest, MakesUsersWithSessionsInTheOrderAsked) {
  const auto imported = Run({"edward", "ansel", "dorothea"}, kPassword).value();

  ASSERT_EQ(imported.size(), 3);
  for (const ImportedUser& user : imported) {
    EXPECT_TRUE(user.created);
    EXPECT_EQ(WhoseIs(user.token), user.handle);
  }
  EXPECT_EQ(imported[0].handle, "edward");
  EXPECT_EQ(
      world_.Run(world_.accounts.FindUser(UserId{}, "ansel"))->display_name,
      "Name of ansel");
  EXPECT_THAT(LogIn("dorothea", kPassword), IsOk());
}

TEST_F(ImportsTest, ManyShareCommits) {
  std::vector<std::string> handles;
  for (int i = 0; i < 1000; ++i) handles.push_back(fmt::format("user{}", i));
  const auto before = world_.store->Stats();

  ASSERT_THAT(Run(handles, kPassword), IsOk());

  const auto after = world_.store->Stats();
  EXPECT_EQ(after.commands - before.commands, 2000);
  EXPECT_LT(after.commits - before.commits, 1000);
}

TEST_F(ImportsTest, OnePasswordIsHashedOnce) {
  Run({"ansel", "edward"}, kPassword).value();

  EXPECT_EQ(world_.reader.FindCredentials("ansel")->password_hash,
            world_.reader.FindCredentials("edward")->password_hash);
}

TEST_F(ImportsTest, WithoutAPasswordNobodyCanLogIn) {
  EXPECT_EQ(WhoseIs(One("ansel").token), "ansel");

  for (const char* guess : {"", auth::kNoPassword, kPassword}) {
    EXPECT_THAT(LogIn("ansel", guess), StatusIs(kUnauthenticated)) << guess;
  }
}

TEST_F(ImportsTest, SessionsAreStartedOnRequestOnly) {
  Import import;
  import.users = {{ "ansel", "" }};

  const auto imported =
      world_.Run(world_.imports.Run(std::move(import))).value();

  EXPECT_TRUE(imported[0].created);
  EXPECT_EQ(imported[0].token, "");
}

TEST_F(ImportsTest, ExistingUsersAreLeftUnchanged) {
  Register("ansel", kPassword);

  const ImportedUser ansel = One("ansel", "another password");

  EXPECT_FALSE(ansel.created);
  EXPECT_EQ(
      world_.Run(world_.accounts.FindUser(UserId{}, "ansel"))->display_name,
      "Registered");
  EXPECT_THAT(LogIn("ansel", kPassword), IsOk());
}

TEST_F(ImportsTest, HandleOfADeletedUserIsNotImported) {
  Register("ansel", kPassword);
  const UserId ansel = world_.reader.FindCredentials("ansel")->id;
  ASSERT_THAT(world_.Run(world_.store->Execute(DeleteUser{ansel})), IsOk());

  EXPECT_THAT(Run({"dorothea", "ansel"}),
              StatusIs(kAlreadyExists, HasSubstr("the handle ansel")));
}

// An administrator must not be able to act as any user.
TEST_F(ImportsTest, ExistingUserGetsASessionOnlyWithTheRightPassword) {
  Register("ansel", kPassword);

  EXPECT_EQ(One("ansel").token, "");
  EXPECT_EQ(One("ansel", "another password").token, "");
  EXPECT_EQ(WhoseIs(One("ansel", kPassword).token), "ansel");
}

TEST_F(ImportsTest, UserImportedWithoutAPasswordGetsASessionAgain) {
  ASSERT_TRUE(One("ansel").created);

  const ImportedUser again = One("ansel");
  const ImportedUser with_password = One("ansel", kPassword);

  EXPECT_FALSE(again.created);
  EXPECT_EQ(WhoseIs(again.token), "ansel");
  EXPECT_EQ(WhoseIs(with_password.token), "ansel");
  EXPECT_THAT(LogIn("ansel", kPassword), StatusIs(kUnauthenticated));
}

TEST_F(ImportsTest, UserWhoChangedThePasswordGetsNoSessionByImport) {
  const ImportedUser ansel = One("ansel", kPassword);
  const Caller owner =
      world_.Run(world_.accounts.Authenticate(ansel.token)).value();
  ASSERT_THAT(world_.Run(world_.accounts.ChangePassword(
                  owner.user, owner.session, "ansel", kPassword, "mine now")),
              IsOk());

  EXPECT_EQ(One("ansel", kPassword).token, "");
  EXPECT_EQ(One("ansel").token, "");
}

TEST_F(ImportsTest, OldAndNewUsersGoTogether) {
  Run({"ansel", "edward"}, kPassword).value();
  Register("imogen", "her own password");

  const auto imported =
      Run({"ansel", "imogen", "dorothea", "edward"}, kPassword).value();

  ASSERT_EQ(imported.size(), 4);
  EXPECT_FALSE(imported[0].created);
  EXPECT_FALSE(imported[1].created);
  EXPECT_TRUE(imported[2].created);
  EXPECT_EQ(WhoseIs(imported[0].token), "ansel");
  EXPECT_EQ(imported[1].token, "");
  EXPECT_EQ(WhoseIs(imported[2].token), "dorothea");
  EXPECT_EQ(WhoseIs(imported[3].token), "edward");
}

TEST_F(ImportsTest, NobodyIsImportedAfterTheDeadline) {
  Import import;
  import.users = {{ "ansel", "" }};
  import.deadline = world_.clock.Now();

  EXPECT_THAT(world_.Run(world_.imports.Run(std::move(import))),
              StatusIs(kDeadlineExceeded));
  EXPECT_THAT(world_.Run(world_.accounts.FindUser(UserId{}, "ansel")),
              StatusIs(kNotFound));
}

TEST_F(ImportsTest, IsRefusedUnlessTheOperatorAllowsIt) {
  Imports imports(*world_.store, world_.passwords, world_.clock, {});
  Import import;
  import.users = {{ "ansel", "" }};

  const auto refused = world_.Run(imports.Run(std::move(import)));

  EXPECT_THAT(refused, StatusIs(kFailedPrecondition));
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kImportDisabled);
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("--allow-import"));
}

}  // namespace
}  // namespace pinhole::domain
