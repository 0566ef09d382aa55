// SPDX-License-Identifier: Apache-2.0

#include "client/lab/load/world.h"

#include <set>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/user_service.pb.h"

namespace pinhole::lab {
namespace {

using ::testing::IsEmpty;

// A gRPC server with one photo, which keeps its accounts in a set and fails the
// method `failing` once.
class FakeServer : public Transport {
 public:
  void Start(std::size_t, Request call, absl::Duration, Done done) override {
    done(Answer(call));
  }
  void Poll(absl::Time) override {}
  void Cancel() override {}

  std::string failing;
  std::set<std::string> accounts;
  int registered = 0;

 private:
  Outcome Answer(const Request& call) {
    const std::string method = call.method.substr(call.method.rfind('/') + 1);
    Outcome outcome;
    if (method == failing) {
      failing.clear();
      outcome.code = absl::StatusCode::kResourceExhausted;
      outcome.failure = "RESOURCE_EXHAUSTED";
    } else if (method == "ListRecentPhotos") {
      v1::ListRecentPhotosResponse page;
      v1::Photo& photo = *page.add_photos();
      photo.set_name("photos/1");
      photo.set_owner("users/ansel");
      outcome.body = page.SerializeAsString();
    } else if (method == "CreateSession") {
      v1::CreateSessionRequest request;
      request.ParseFromString(call.messages.at(0));
      if (accounts.contains(request.handle())) {
        v1::Session session;
        session.set_token(request.handle());
        outcome.body = session.SerializeAsString();
      } else {
        outcome.code = absl::StatusCode::kUnauthenticated;
      }
    } else if (method == "CreateUser") {
      v1::CreateUserRequest request;
      request.ParseFromString(call.messages.at(0));
      accounts.insert(request.handle());
      ++registered;
    } else if (method == "DeleteUser") {
      accounts.erase(call.authorization.substr(std::string("Bearer ").size()));
    }
    return outcome;
  }
};

TEST(WorldTest, AnAccountThatWasRegisteredBeforeAnErrorIsDeleted) {
  FakeServer server;
  server.failing = "FollowUser";

  const auto world = Survey(server, Dialect::kGrpc,
                            {.people = 2, .password = "", .sessions = ""});

  EXPECT_EQ(world.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(server.registered, 1);
  EXPECT_THAT(server.accounts, IsEmpty());
}

TEST(WorldTest, PeopleWhoWereCreatedAreForgotten) {
  FakeServer server;
  const auto world = Survey(server, Dialect::kGrpc,
                            {.people = 2, .password = "", .sessions = ""});
  ASSERT_TRUE(world.ok()) << world.status();
  EXPECT_EQ(server.accounts.size(), 2);

  Forget(server, Dialect::kGrpc, *world);

  EXPECT_THAT(server.accounts, IsEmpty());
}

}  // namespace
}  // namespace pinhole::lab
