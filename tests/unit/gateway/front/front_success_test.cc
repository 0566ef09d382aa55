// SPDX-License-Identifier: Apache-2.0

// What answers to calls that went well are like.

#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "pinhole/v1/admin_service.pb.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/user_service.pb.h"
#include "streams.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/gateway/front/front.h"

namespace pinhole::gateway {
namespace {

using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;

class SuccessTest : public FrontTest {
 protected:
  void RestartWith(const std::string& service) {
    HttpServer::Options options;
    options.services = {service};
    Restart(std::move(options));
  }
};

TEST_F(SuccessTest, WhatIsCreatedIsLocated) {
  v1::User user;
  user.set_name("users/ansel");
  upstream_.Answer(user);
  RawClient client(address());

  const auto answer =
      client.Request("POST /v1/users", "Content-Length: 2\r\n", "{}");

  EXPECT_EQ(answer.code, 201);
  EXPECT_TRUE(answer.Has("location: /v1/users/ansel\r\n"));
  EXPECT_THAT(answer.body, HasSubstr("users/ansel"));
}

TEST_F(SuccessTest, LocationIsEncodedAndMayHaveSeveralFields) {
  RestartWith("pinhole.testing.Streams");
  pinhole::testing::Total total;
  total.set_count(7);
  total.set_shelf("shelves/a b\r\nx: \xc3\xa9");
  upstream_.Answer(total);
  RawClient client(address());

  const auto answer =
      client.Request("POST /v1/totals", "Content-Length: 2\r\n", "{}");

  EXPECT_EQ(answer.code, 201);
  EXPECT_TRUE(answer.Has(
      "location: /v1/totals/7/of/shelves/a%20b%0d%0ax%3a%20%c3%a9\r\n"))
      << answer.head;
}

TEST_F(SuccessTest, LocationWithoutANameIsLeftOut) {
  upstream_.Answer(v1::User());
  RawClient client(address());

  const auto answer =
      client.Request("POST /v1/users", "Content-Length: 2\r\n", "{}");

  EXPECT_EQ(answer.code, 201);
  EXPECT_FALSE(answer.Has("location:"));
}

TEST_F(SuccessTest, EmptyAnswerHasNoContent) {
  upstream_.Answer(google::protobuf::Empty());
  RawClient client(address());
  client.Send("DELETE /v1/photos/7 HTTP/1.1\r\nHost: a\r\n\r\n");

  const auto head = client.ReadHead();

  EXPECT_EQ(head.code, 204);
  EXPECT_FALSE(head.Has("\r\ncontent-length"));
  EXPECT_FALSE(head.Has("\r\ncontent-type"));
  EXPECT_EQ(client.Request("GET /healthz").code, 200);
}

TEST_F(SuccessTest, OptionsThatCannotBeServedStopTheStart) {
  for (const char* service :
       {"LocationIsNoPath", "LocationNamesNothing", "LocationHasLooseBrace",
        "IdIsNoText", "ResumeFieldIsMissing", "EventsWithoutStream",
        "LinesWithoutBody", "BothWays"}) {
    HttpServer::Options options;
    options.listen = "127.0.0.1:0";
    options.services = {std::string("pinhole.testing.") + service};

    const auto started =
        HttpServer::Start(options, upstream_, observer_).status();

    EXPECT_THAT(started, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(std::string(started.message()), HasSubstr(service));
    EXPECT_THAT(std::string(started.message()), HasSubstr("/v1/bad"));
  }
}

// Backups got the 30 s of other calls.
TEST_F(SuccessTest, AdministratorsCallsMayTakeLong) {
  RestartWith(v1::Backup::descriptor()->file()->service(0)->full_name());
  RawClient client(address());
  client.Send(
      "POST /v1/backups HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}");
  upstream_.AwaitMessages(1);
  EXPECT_GE(upstream_.headers().deadline, absl::Now() + absl::Hours(5));

  RawClient patient(address());
  patient.Send(
      "POST /v1/backups HTTP/1.1\r\nHost: a\r\nGrpc-Timeout: 2H\r\n"
      "Content-Length: 2\r\n\r\n{}");
  upstream_.AwaitMessages(2);
  EXPECT_GE(upstream_.headers().deadline, absl::Now() + absl::Hours(1));
}

TEST_F(SuccessTest, ErrorsOfTheGatewayNameTheRequest) {
  RawClient client(address());

  const auto answer = client.Request("GET /nowhere", "X-Request-Id: id-7\r\n");

  EXPECT_THAT(
      answer.body,
      HasSubstr(R"({"@type":"type.googleapis.com/google.rpc.RequestInfo",)"));
  EXPECT_THAT(answer.body, HasSubstr("id-7"));
}

}  // namespace
}  // namespace pinhole::gateway
