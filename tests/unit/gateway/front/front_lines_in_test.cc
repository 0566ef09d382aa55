// SPDX-License-Identifier: Apache-2.0

// Client streaming: a message for each line of the body.

#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "streams.pb.h"
#include "tests/unit/gateway/front/front.h"

namespace pinhole::gateway {
namespace {

using ::testing::HasSubstr;

class LinesInTest : public FrontTest {
 protected:
  void SetUp() override {
    HttpServer::Options options;
    options.services = {"pinhole.testing.Streams"};
    options.limits.json_bytes = 100;
    Restart(std::move(options));
    upstream_.TakeMessages(100);
  }
  static std::string Head(std::size_t size, const std::string& path =
                                                "/v1/shelves/a/notes:collect") {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\n"
        "Content-Length: {}\r\n\r\n",
        path, size);
  }
  static pinhole::testing::Note Parse(const std::string& bytes) {
    pinhole::testing::Note note;
    EXPECT_TRUE(note.ParseFromString(bytes));
    return note;
  }
};

TEST_F(LinesInTest, EachLineIsAMessageWithThePathInIt) {
  const std::string body = "{\"text\":\"one\"}\r\n\n{\"text\":\"two\"}";
  RawClient client(address());
  client.Send(Head(body.size()) + body);

  const auto messages = upstream_.AwaitMessages(2);
  upstream_.AwaitEnd();
  pinhole::testing::Total total;
  total.set_count(2);
  upstream_.Answer(total);

  const auto answer = client.Read();
  EXPECT_EQ(answer.code, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("count":"2")"));
  EXPECT_EQ(Parse(messages[0]).text(), "one");
  EXPECT_EQ(Parse(messages[0]).shelf(), "shelves/a");
  EXPECT_EQ(Parse(messages[1]).text(), "two");
  EXPECT_EQ(Parse(messages[1]).shelf(), "shelves/a");
}

TEST_F(LinesInTest, LineIsSentWithoutWaitingForTheNext) {
  RawClient client(address());
  client.Send(Head(1000) + "{\"text\":\"one\"}\n{\"text\":");
  upstream_.AwaitMessages(1);

  client.Send("\"two\"}\n");

  EXPECT_EQ(Parse(upstream_.AwaitMessages(2)[1]).text(), "two");
}

TEST_F(LinesInTest, BodyFieldAndQueryFillEveryMessage) {
  const std::string body = "{\"text\":\"one\"}\n";
  RawClient client(address());
  client.Send(Head(body.size(), "/v1/wrapped:collect?author=ansel") + body);

  pinhole::testing::Wrapped wrapped;
  EXPECT_TRUE(wrapped.ParseFromString(upstream_.AwaitMessages(1)[0]));
  upstream_.Answer(google::protobuf::Empty());

  EXPECT_EQ(client.ReadHead().code, 204);
  EXPECT_EQ(wrapped.note().text(), "one");
  EXPECT_EQ(wrapped.author(), "ansel");
}

TEST_F(LinesInTest, BadLineIsNamedAndCancelsTheCall) {
  const std::string body = "{\"text\":\"one\"}\n{\"number\":\"x\"}\n";
  RawClient client(address());
  client.Send(Head(body.size()) + body);

  const auto answer = client.Read();

  EXPECT_EQ(answer.code, 400);
  EXPECT_THAT(answer.body, HasSubstr("line 2: "));
  EXPECT_THAT(answer.body, HasSubstr("google.rpc.BadRequest"));
  EXPECT_THAT(answer.body, HasSubstr(R"("field":"number")"));
  upstream_.AwaitCancellations(1);
  EXPECT_FALSE(upstream_.ended());
}

TEST_F(LinesInTest, LineOverTheLimitIsRefusedBeforeItsEnd) {
  RawClient client(address());
  client.Send(Head(1000) + "{}\n{\"text\":\"" + std::string(200, 'x'));

  const auto answer = client.Read();

  EXPECT_EQ(answer.code, 413);
  EXPECT_THAT(answer.body, HasSubstr("line 2: must be at most 100 bytes"));
}

TEST_F(LinesInTest, EarlyErrorIsToldBeforeTheBodyHasCome) {
  RawClient client(address());
  client.Send(Head(1000) + "{}\n");
  upstream_.AwaitMessages(1);

  upstream_.AnswerStatus(absl::UnauthenticatedError("log in"));

  EXPECT_EQ(client.Read().code, 401);
}

TEST_F(LinesInTest, WhatIsWrongWithTheQueryIsToldBeforeTheCall) {
  RawClient client(address());

  EXPECT_EQ(client
                .Request("POST /v1/shelves/a/notes:collect?nope=1",
                         "Content-Length: 2\r\n", "{}")
                .code,
            400);
}

TEST_F(LinesInTest, OtherTypesAreRefused) {
  RawClient client(address());

  const auto answer = client.Request(
      "POST /v1/shelves/a/notes:collect",
      "Content-Type: application/json\r\nContent-Length: 2\r\n", "{}");

  EXPECT_EQ(answer.code, 415);
  EXPECT_THAT(answer.body, HasSubstr("application/x-ndjson"));
}

TEST_F(LinesInTest, CompressedLinesAreRefused) {
  RawClient client(address());

  const auto answer =
      client.Request("POST /v1/shelves/a/notes:collect",
                     "Content-Encoding: gzip\r\nContent-Length: 2\r\n", "{}");

  EXPECT_EQ(answer.code, 415);
  EXPECT_TRUE(answer.Has("accept-encoding: identity"));
}

TEST_F(LinesInTest, HangUpIsNoEnd) {
  RawClient client(address());
  client.Send(Head(1000) + "{}\n");
  upstream_.AwaitMessages(1);

  client.Close();

  upstream_.AwaitCancellations(1);
  EXPECT_FALSE(upstream_.ended());
}

}  // namespace
}  // namespace pinhole::gateway
