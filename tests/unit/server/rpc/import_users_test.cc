// SPDX-License-Identifier: Apache-2.0

// The validation and the response of AdminService.ImportUsers.

#include <string>

#include "gmock/gmock.h"
#include "server/model/limits.h"
#include "tests/unit/server/rpc/services_fixture.h"

namespace pinhole::rpc {
namespace {

using ::google::rpc::Code;
using ::testing::HasSubstr;

class ImportUsersTest : public ServicesTest {
 protected:
  ImportUsersTest() {
    const auto root = world_.reader.FindCredentials("root");
    SetAdministrator command{root->id, true};
    EXPECT_TRUE(world_.Run(world_.store->Execute(std::move(command))).ok());
  }

  v1::ImportUsersResponse Import(const std::string& request) {
    return Get<v1::ImportUsersResponse>("AdminService.ImportUsers", request,
                                        token_);
  }
  v1::ImportUsersResponse Import(const v1::ImportUsersRequest& request) {
    return Ask<v1::ImportUsersResponse>("AdminService.ImportUsers", request,
                                        token_);
  }

  void ExpectRefused(const std::string& request, const std::string& why) {
    EXPECT_EQ(Import(request).users_size(), 0);
    EXPECT_EQ(last_.code(), Code::INVALID_ARGUMENT) << request;
    EXPECT_THAT(last_.message(), HasSubstr(why));
    EXPECT_EQ(CodeOf("UserService.GetUser", "name: 'users/ansel'"),
              Code::NOT_FOUND);
  }

  const std::string token_ = SignUp("root");
};

TEST_F(ImportUsersTest, AnswersHaveNameTokenAndCreated) {
  const auto imported = Import(
      "users { handle: 'Ansel' display_name: ' Ansel Adams ' } "
      "users { handle: 'root' } with_sessions: true");

  ASSERT_EQ(last_.code(), Code::OK) << last_.message();
  ASSERT_EQ(imported.users_size(), 2);
  EXPECT_EQ(imported.users(0).name(), "users/ansel");
  EXPECT_TRUE(imported.users(0).created());
  EXPECT_EQ(Get<v1::User>("UserService.GetUser", "name: 'users/me'",
                          imported.users(0).token())
                .display_name(),
            "Ansel Adams");
  EXPECT_EQ(imported.users(1).name(), "users/root");
  EXPECT_FALSE(imported.users(1).created());
  EXPECT_EQ(imported.users(1).token(), "");
}

TEST_F(ImportUsersTest, AnEmptyImportSucceeds) {
  EXPECT_EQ(Import("").users_size(), 0);
  EXPECT_EQ(last_.code(), Code::OK);
}

TEST_F(ImportUsersTest, OneInvalidFieldFailsTheCallAndIsNamed) {
  ExpectRefused("users { handle: 'ansel' } users { handle: 'x' }",
                "users[1].handle");
  ExpectRefused(
      "users { handle: 'ansel' } "
      "users { handle: 'edward' display_name: 'two\\nlines' }",
      "users[1].display_name");
  ExpectRefused("users { handle: 'ansel' } users { handle: 'ANSEL' }",
                "users[1].handle must differ from users[0].handle");
  ExpectRefused("users { handle: 'ansel' } password: 'short'", "password");
}

TEST_F(ImportUsersTest, AtMostAThousandUsersAreImported) {
  v1::ImportUsersRequest request;
  for (int i = 0; i < limits::kMaxImportUsers; ++i) {
    request.add_users()->set_handle(fmt::format("user{}", i));
  }
  EXPECT_EQ(Import(request).users_size(), limits::kMaxImportUsers);

  request.add_users()->set_handle("ansel");
  Import(request);

  EXPECT_EQ(last_.code(), Code::INVALID_ARGUMENT);
  EXPECT_THAT(last_.message(),
              HasSubstr("users must have at most 1000 entries"));
}

}  // namespace
}  // namespace pinhole::rpc
