// SPDX-License-Identifier: Apache-2.0

#include <string>

#include "gateway/http/cors.h"
#include "gmock/gmock.h"
#include "pinhole/v1/photo_service.pb.h"
#include "tests/unit/gateway/front/front.h"

namespace pinhole::gateway {
namespace {

using ::testing::HasSubstr;

constexpr char kOurs[] = "Origin: https://app.example\r\n";
constexpr char kOther[] = "Origin: https://evil.example\r\n";
constexpr char kAllowed[] =
    "access-control-allow-origin: https://app.example\r\n";
constexpr char kAskDelete[] = "Access-Control-Request-Method: DELETE\r\n";

class CorsTest : public FrontTest {
 protected:
  void SetUp() override { Allow({"https://app.example"}); }

  void Allow(std::vector<std::string> origins) {
    HttpServer::Options options = DefaultOptions();
    options.answers.cors_origins = std::move(origins);
    Restart(std::move(options));
  }
};

TEST_F(CorsTest, AnswersToOurPagesMayBeRead) {
  upstream_.Answer(v1::Photo());
  RawClient client(address());

  const auto answer = client.Request("GET /v1/photos/7", kOurs);

  EXPECT_EQ(answer.code, 200);
  EXPECT_TRUE(answer.Has(kAllowed));
  EXPECT_TRUE(answer.Has("origin\r\n")) << answer.head;  // Vary.
  EXPECT_TRUE(answer.Has("access-control-expose-headers: accept-ranges"));
  EXPECT_FALSE(answer.Has("access-control-allow-credentials"));
}

TEST_F(CorsTest, HeadersThatComeBackMayBeReadToo) {
  HttpServer::Options options = DefaultOptions();
  options.answers.cors_origins = {"*"};
  options.answers.exposed_headers = {"x-quota", "x-shard"};
  Restart(std::move(options));
  RawClient client(address());

  const auto answer = client.Request("GET /healthz", kOurs);

  EXPECT_TRUE(answer.Has(", x-request-id, x-quota, x-shard\r\n"))
      << answer.head;
}

TEST_F(CorsTest, ErrorsMayBeReadToo) {
  for (const char* line : {"GET /nowhere", "PUT /v1/photos/7",
                           "GET /v1/photos/7?nope=1", "GET /v1/%zz"}) {
    RawClient client(address());
    const auto answer = client.Request(line, kOurs);
    EXPECT_GE(answer.code, 400) << line;
    EXPECT_TRUE(answer.Has(kAllowed)) << line;
  }
}

TEST_F(CorsTest, OtherOriginsGetNoPermission) {
  upstream_.Answer(v1::Photo());
  RawClient client(address());

  const auto answer = client.Request("GET /v1/photos/7", kOther);
  const auto preflight =
      client.Request("OPTIONS /v1/photos/7", std::string(kOther) + kAskDelete);

  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(preflight.code, 204);
  for (const auto& each : {answer, preflight}) {
    EXPECT_FALSE(each.Has("access-control-allow")) << each.head;
    EXPECT_TRUE(each.Has("vary: ")) << each.head;
  }
}

TEST_F(CorsTest, PreflightIsAnsweredWithoutACall) {
  RawClient client(address());

  const auto answer = client.Request(
      "OPTIONS /v1/photos/7",
      std::string(kOurs) + kAskDelete +
          "Access-Control-Request-Headers: authorization,content-type\r\n");

  EXPECT_EQ(answer.code, 204);
  EXPECT_TRUE(answer.Has(kAllowed));
  EXPECT_TRUE(answer.Has("access-control-allow-methods: delete"));
  EXPECT_TRUE(
      answer.Has("access-control-allow-headers: authorization,content-type"));
  EXPECT_TRUE(answer.Has("access-control-max-age: 600"));
  EXPECT_TRUE(answer.Has("access-control-request-headers, origin\r\n"));
  EXPECT_EQ(observer_.AwaitNumber(1), "OPTIONS /v1/{name=photos/*} 204");
}

TEST_F(CorsTest, PreflightNamesWhatThePathTakes) {
  RawClient client(address());

  const auto answer = client.Request(
      "OPTIONS /v1/photos/7",
      std::string(kOurs) + "Access-Control-Request-Method: PUT\r\n");

  EXPECT_TRUE(
      answer.Has("access-control-allow-methods: delete, get, head, patch"));
}

TEST_F(CorsTest, PreflightOfNothingLetsThePageReadThe404) {
  RawClient client(address());

  const auto answer =
      client.Request("OPTIONS /nowhere", std::string(kOurs) + kAskDelete);

  EXPECT_EQ(answer.code, 204);
  EXPECT_TRUE(answer.Has("access-control-allow-methods: delete\r\n"));
}

TEST_F(CorsTest, StarAllowsAll) {
  Allow({"*"});
  RawClient client(address());

  EXPECT_TRUE(client.Request("GET /nowhere", kOther)
                  .Has("access-control-allow-origin: *\r\n"));
}

TEST_F(CorsTest, OffByDefault) {
  Restart(DefaultOptions());
  RawClient client(address());

  const auto answer = client.Request("GET /nowhere", kOurs);
  const auto preflight =
      client.Request("OPTIONS /v1/photos/7", std::string(kOurs) + kAskDelete);

  EXPECT_FALSE(answer.Has("access-control"));
  EXPECT_FALSE(preflight.Has("access-control"));
}

TEST_F(CorsTest, OptionsSaysWhatAPathTakes) {
  const struct {
    std::string line;
    int code;
    std::string has;
  } cases[] = {
      {"OPTIONS /v1/photos/7", 204,
       "allow: delete, get, head, patch, options\r\n"},
      {"OPTIONS /healthz", 204, "allow: get, head, options\r\n"},
      {"OPTIONS *", 204, ""},
      {"OPTIONS /nowhere", 404, ""},
      {"PUT /v1/photos/7", 405, "allow: delete, get, head, patch, options\r\n"},
  };
  for (const auto& c : cases) {
    RawClient client(address());
    const auto answer = client.Request(c.line);
    EXPECT_EQ(answer.code, c.code) << c.line;
    EXPECT_TRUE(answer.Has(c.has)) << answer.head;
  }
}

TEST_F(CorsTest, WhatIsNoOriginStopsTheStart) {
  for (const char* wrong :
       {"", "app.example", "https://", "https://app.example/",
        "https://*.example", "HTTPS://app.example", "null", "://a",
        "https://a https://b"}) {
    HttpServer::Options options = DefaultOptions();
    options.answers.cors_origins = {wrong};
    const auto server = HttpServer::Start(options, upstream_, observer_);
    ASSERT_FALSE(server.ok()) << wrong;
    EXPECT_THAT(std::string(server.status().message()),
                HasSubstr(std::string("\"") + wrong + "\" is not an origin"));
  }
  EXPECT_TRUE(CheckOrigin("http://localhost:3000").ok());
  EXPECT_TRUE(CheckOrigin("http://[::1]:3000").ok());
}

}  // namespace
}  // namespace pinhole::gateway
