// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "grpc/health/v1/health.pb.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "pinhole/v1/user_service.pb.h"
#include "tests/unit/gateway/front/front.h"

namespace pinhole::gateway {
namespace {

using ::testing::HasSubstr;

v1::Photo Photo() {
  v1::Photo photo;
  photo.set_name("photos/7");
  photo.set_visibility(v1::VISIBILITY_PUBLIC);
  return photo;
}

TEST_F(FrontTest, UnaryCallAnswersJson) {
  upstream_.Answer(Photo());
  RawClient client(address());

  const auto answer = client.Request("GET /v1/photos/7",
                                     "Authorization: Bearer t\r\n"
                                     "X-Request-Id: my-id\r\n"
                                     "Connection: keep-alive, x-hop\r\n");

  EXPECT_EQ(answer.code, 200);
  EXPECT_TRUE(answer.Has("content-type: application/json"));
  EXPECT_TRUE(answer.Has("x-request-id: my-id"));
  EXPECT_THAT(answer.body, HasSubstr(R"("name":"photos/7")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("caption":"")"));
  const CallHeaders headers = upstream_.headers();
  EXPECT_THAT(headers.peer, HasSubstr("ipv4:127.0.0.1:"));
  EXPECT_EQ(headers.request_id, "my-id");
  EXPECT_LE(headers.deadline, absl::Now() + absl::Seconds(30));
  EXPECT_EQ(observer_.AwaitNumber(1), "GET /v1/{name=photos/*} 200");
}

TEST_F(FrontTest, ConnectionIsReused) {
  RawClient client(address());
  for (int i = 0; i < 3; ++i) {
    upstream_.Answer(Photo());
    EXPECT_EQ(client.Request("GET /v1/photos/7").code, 200);
  }
}

TEST_F(FrontTest, PipelinedRequestsAreAnsweredInOrder) {
  upstream_.Answer(Photo());
  RawClient client(address());
  client.Send(
      "GET /v1/photos/7 HTTP/1.1\r\nHost: a\r\n\r\n"
      "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n");

  EXPECT_EQ(client.Read().code, 200);
  EXPECT_EQ(client.Read().code, 404);
}

TEST_F(FrontTest, RefusesWhatIsWrong) {
  const std::string json = "Content-Type: application/json\r\n";
  const struct {
    std::string line;
    std::string headers;
    std::string body;
    int code;
    std::string has;  // In the head.
  } cases[] = {
      {"GET /nowhere", "", "", 404, ""},
      {"GET /v1/photos/", "", "", 404, ""},
      {"GET /v1/photos/7?nope=1", "", "", 400, ""},
      {"GET /v1/photos/%zz", "", "", 400, ""},
      {"PUT /v1/photos/7", "", "", 405, "allow: delete, get, head, patch"},
      {"POST /healthz", "", "", 405, "allow: get, head"},
      {"GET /v1/photos/7", "Grpc-Timeout: soon\r\n", "", 400, ""},
      {"POST /v1/users", json + "Content-Length: 3\r\n", "{,}", 400, ""},
      {"POST /v1/users", "Content-Type: text/plain\r\nContent-Length: 2\r\n",
       "{}", 415, ""},
      {"POST /v1/users", json + "Content-Length: 2000000\r\n", "", 413,
       "connection: close"},
      {"POST /v1/photos:upload", json + "Content-Length: 2\r\n", "{}", 415, ""},
      {"POST /v1/photos:upload?nope=1", "Content-Length: 2\r\n", "{}", 400, ""},
      {"GET /v1/photos/7", "X-Long: " + std::string(20'000, 'a') + "\r\n", "",
       431, "connection: close"},
      {"GET /" + std::string(20'000, 'a'), "", "", 414, "connection: close"},
  };
  for (const auto& c : cases) {
    RawClient client(address());
    const auto answer = client.Request(c.line, c.headers, c.body);
    EXPECT_EQ(answer.code, c.code) << c.line.substr(0, 80);
    EXPECT_TRUE(answer.Has(c.has)) << answer.head;
    EXPECT_THAT(answer.body, HasSubstr(R"("details":)"));
    EXPECT_TRUE(answer.Has("x-request-id: "));
  }
}

TEST_F(FrontTest, MalformedHttpIsRefusedAndClosed) {
  for (const char* text :
       {"nonsense\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
        "GET /v1/photos/7 HTTP/1.1\r\n\r\n",  // No Host.
        "GET /v1/photos/7 HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n",
        "POST /v1/users HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
        "Transfer-Encoding: chunked\r\n\r\n{}",
        "POST /v1/users HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "POST /v1/users HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
        "Content-Length: 2\r\n\r\n{}",
        "POST /v1/users HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n"
        "\r\n"}) {
    RawClient client(address());
    client.Send(text);
    EXPECT_EQ(client.Read().code, 400) << text;
    EXPECT_TRUE(client.AtEnd()) << text;
  }
}

TEST_F(FrontTest, UpstreamErrorIsAnsweredWithItsDetails) {
  upstream_.AnswerStatus(InvalidField("handle", "is taken"));
  RawClient client(address());

  const auto answer = client.Request("POST /v1/users",
                                     "Content-Length: 14\r\n"
                                     "Content-Type: application/json\r\n",
                                     R"({"handle":"a"})");

  EXPECT_EQ(answer.code, 400);
  EXPECT_THAT(answer.body, HasSubstr(R"("@type":"type.googleapis.com)"));
  EXPECT_EQ(upstream_.AwaitMessages(1)[0], "handle: \"a\"");
}

TEST_F(FrontTest, MissingTokenIsAskedForAsBearer) {
  upstream_.AnswerStatus(absl::UnauthenticatedError("log in"));
  RawClient client(address());

  const auto answer = client.Request("GET /v1/feed");

  EXPECT_EQ(answer.code, 401);
  EXPECT_TRUE(answer.Has("www-authenticate: bearer"));
}

TEST_F(FrontTest, HeadHasTheLengthAndNoBody) {
  upstream_.Answer(Photo());
  upstream_.Answer(Photo());
  RawClient client(address());

  const auto head = client.Request("HEAD /v1/photos/7");
  const auto get = client.Request("GET /v1/photos/7");

  EXPECT_EQ(head.code, 200);
  EXPECT_TRUE(head.Has(fmt::format("content-length: {}", get.body.size())));
}

TEST_F(FrontTest, ExpectIsAnsweredWithContinue) {
  upstream_.Answer(v1::User());
  RawClient client(address());

  const auto go = client.Request(
      "POST /v1/users", "Content-Length: 2\r\nExpect: 100-continue\r\n");
  client.Send("{}");

  EXPECT_EQ(go.code, 100);
  EXPECT_EQ(client.Read().code, 201);
}

TEST_F(FrontTest, CallerIsRefusedBeforeTheBodyComes) {
  upstream_.RefuseBodies(absl::UnauthenticatedError("sign in"));
  for (const char* headers :
       {"Content-Length: 1000\r\n", "Transfer-Encoding: chunked\r\n",
        "Content-Length: 1000\r\nContent-Encoding: gzip\r\n",
        "Content-Length: 1000\r\nExpect: 100-continue\r\n"}) {
    for (const char* target :
         {"POST /v1/users", "PATCH /v1/users/me", "POST /v1/photos:upload"}) {
      RawClient client(address());

      const auto answer = client.Request(target, headers);

      EXPECT_EQ(answer.code, 401) << target << " " << headers;
      EXPECT_TRUE(answer.Has("connection: close"));
    }
  }
}

TEST_F(FrontTest, ChunkedBodyIsLimited) {
  Limits limits;
  limits.json_bytes = 10;
  Restart(limits);
  RawClient client(address());

  const auto answer =
      client.Request("POST /v1/users", "Transfer-Encoding: chunked\r\n",
                     "14\r\n{\"handle\":\"abcdefg\"}\r\n0\r\n\r\n");

  EXPECT_EQ(answer.code, 413);
}

TEST_F(FrontTest, DeadlineEndsTheCall) {
  RawClient client(address());

  const auto answer =
      client.Request("GET /v1/photos/7", "Grpc-Timeout: 20m\r\n");

  EXPECT_EQ(answer.code, 504);
  upstream_.AwaitCancellations(1);
}

TEST_F(FrontTest, HangUpCancelsTheCall) {
  RawClient client(address());
  client.Send("GET /v1/photos/7 HTTP/1.1\r\nHost: a\r\n\r\n");
  upstream_.AwaitMessages(1);

  client.Close();

  upstream_.AwaitCancellations(1);
  EXPECT_EQ(observer_.AwaitNumber(1), "GET /v1/{name=photos/*} 499");
}

TEST_F(FrontTest, SlowHeaderTimesOut) {
  Limits limits;
  limits.header_time = absl::Milliseconds(20);
  Restart(limits);
  RawClient client(address());
  client.Send("GET /v1/");

  EXPECT_EQ(client.Read().code, 408);
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(FrontTest, SlowBodyTimesOut) {
  Limits limits;
  limits.body_timeout.pause = absl::Milliseconds(20);
  Restart(limits);
  RawClient client(address());

  EXPECT_EQ(client.Request("POST /v1/users", "Content-Length: 5\r\n", "{").code,
            408);
}

TEST_F(FrontTest, IdleConnectionIsClosed) {
  Limits limits;
  limits.idle_time = absl::Milliseconds(20);
  Restart(limits);
  RawClient client(address());

  EXPECT_TRUE(client.AtEnd());
}

TEST_F(FrontTest, ConnectionThatHasWaitedLongestGivesWay) {
  Limits limits;
  limits.connections = 2;
  Restart(limits);
  RawClient first(address());
  EXPECT_EQ(first.Request("GET /healthz").code, 200);
  RawClient second(address());
  EXPECT_EQ(second.Request("GET /healthz").code, 200);
  second.Send("GET /healthz");  // Half a head is as good as none.
  EXPECT_EQ(first.Request("GET /healthz").code, 200);

  RawClient third(address());

  EXPECT_TRUE(second.AtEnd());
  EXPECT_EQ(first.Request("GET /healthz").code, 200);
  EXPECT_EQ(third.Request("GET /healthz").code, 200);
}

TEST_F(FrontTest, HealthIsAnsweredWhileAllConnectionsAreBusy) {
  Limits limits;
  limits.connections = 1;
  Restart(limits);
  RawClient busy(address());
  ASSERT_EQ(busy.Request("POST /v1/users",
                         "Content-Length: 2\r\nExpect: 100-continue\r\n")
                .code,
            100);

  RawClient second(address());
  const auto health = second.Request("GET /healthz");
  EXPECT_EQ(health.code, 200);
  EXPECT_TRUE(health.Has("connection: close"));
  EXPECT_TRUE(second.AtEnd());
  RawClient third(address());
  const auto refused = third.Request("GET /v1/photos/7");
  EXPECT_EQ(refused.code, 503);
  EXPECT_THAT(refused.body, HasSubstr("as many connections as it may have"));
  EXPECT_TRUE(third.AtEnd());

  upstream_.Answer(v1::User());
  busy.Send("{}");
  EXPECT_EQ(busy.Read().code, 201);
}

TEST_F(FrontTest, BodyHasToBeginSoon) {
  Limits limits;
  limits.body_timeout.first = absl::Milliseconds(20);
  Restart(limits);
  RawClient client(address());

  EXPECT_EQ(client.Request("POST /v1/users", "Content-Length: 5\r\n").code,
            408);
}

TEST_F(FrontTest, BodyThatTricklesTimesOut) {
  Limits limits;
  limits.body_timeout.pause = absl::Milliseconds(200);
  Restart(limits);
  RawClient client(address());
  client.Send(
      "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n");

  // Never silent for so long, but 50 bytes a second.
  int sent = 0;
  while (sent < 1000 && !client.Readable(absl::Milliseconds(20))) {
    client.Send("x");
    ++sent;
  }

  EXPECT_LT(sent, 1000);
  EXPECT_EQ(client.Read().code, 408);
}

TEST_F(FrontTest, ReadyzAsksTheUpstream) {
  grpc::health::v1::HealthCheckResponse health;
  RawClient client(address());

  health.set_status(health.SERVING);
  upstream_.Answer(health);
  EXPECT_EQ(client.Request("GET /readyz").code, 200);

  health.set_status(health.NOT_SERVING);
  upstream_.Answer(health);
  EXPECT_EQ(client.Request("GET /readyz").code, 503);
}

TEST_F(FrontTest, DrainFinishesWhatIsUnderWay) {
  RawClient busy(address());
  RawClient idle(address());
  EXPECT_EQ(idle.Request("GET /healthz").code, 200);
  busy.Send("GET /v1/photos/7 HTTP/1.1\r\nHost: a\r\n\r\n");
  upstream_.AwaitMessages(1);

  std::thread drain([this] { server_->Drain(absl::Seconds(20)); });
  EXPECT_TRUE(idle.AtEnd());
  upstream_.Answer(Photo());

  const auto answer = busy.Read();
  EXPECT_EQ(answer.code, 200);
  EXPECT_TRUE(answer.Has("connection: close"));
  drain.join();
  EXPECT_FALSE(RawClient(address()).connected());
}

TEST_F(FrontTest, DrainCutsWhatOutlastsItsGrace) {
  RawClient client(address());
  client.Send("GET /v1/photos/7 HTTP/1.1\r\nHost: a\r\n\r\n");
  upstream_.AwaitMessages(1);

  server_->Drain(absl::Milliseconds(10));

  EXPECT_TRUE(client.AtEnd());
}

}  // namespace
}  // namespace pinhole::gateway
