// SPDX-License-Identifier: Apache-2.0

// Streams as Server-Sent Events, and how a client goes on from one.

#include <string>

#include "gmock/gmock.h"
#include "streams.pb.h"
#include "tests/unit/gateway/front/front.h"

namespace pinhole::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class EventsTest : public FrontTest {
 protected:
  void SetUp() override {
    HttpServer::Options options;
    options.services = {"pinhole.testing.Streams"};
    options.limits.heartbeat_time = heartbeat_;
    Restart(std::move(options));
  }
  void AnswerNote(const std::string& text) {
    pinhole::testing::Note note;
    note.set_text(text);
    upstream_.Answer(note);
  }
  RawClient::Answer Watch(const std::string& headers,
                          const std::string& query = "") {
    RawClient client(address());
    return client.Request("GET /v1/notes:watch" + query,
                          "Accept: text/event-stream\r\n" + headers);
  }

  absl::Duration heartbeat_ = absl::Seconds(15);
};

TEST_F(EventsTest, EachMessageIsAnEventWithItsId) {
  AnswerNote("one");
  AnswerNote("two");
  upstream_.AnswerStatus(absl::OkStatus());

  const auto answer = Watch("");

  EXPECT_EQ(answer.code, 200);
  EXPECT_TRUE(answer.Has("content-type: text/event-stream\r\n"));
  EXPECT_TRUE(answer.Has("cache-control: no-store\r\n"));
  EXPECT_TRUE(answer.Has("x-accel-buffering: no\r\n"));
  EXPECT_EQ(answer.body,
            "retry: 2000\n\n"
            "id: one\n"
            "data: {\"shelf\":\"\",\"text\":\"one\",\"number\":0}\n\n"
            "id: two\n"
            "data: {\"shelf\":\"\",\"text\":\"two\",\"number\":0}\n\n");
}

TEST_F(EventsTest, IdThatWouldBreakTheStreamIsLeftOut) {
  for (const auto& text : {std::string("a\nevent: error"), std::string("a\rb"),
                           std::string("a\0b", 3)}) {
    AnswerNote(text);
    upstream_.AnswerStatus(absl::OkStatus());

    const auto answer = Watch("");

    EXPECT_THAT(answer.body, Not(HasSubstr("id:")));
    EXPECT_THAT(answer.body, Not(HasSubstr("\nevent: error")));
  }
}

TEST_F(EventsTest, ErrorIsAnEventOfItsOwn) {
  AnswerNote("one");
  upstream_.AnswerStatus(absl::UnavailableError("going down"));

  const auto answer = Watch("");

  EXPECT_TRUE(answer.whole);
  EXPECT_THAT(answer.body,
              HasSubstr("\n\nevent: error\ndata: {\"error\":{\"code\":14,"));
  EXPECT_THAT(answer.body, HasSubstr("google.rpc.RequestInfo"));
}

TEST_F(EventsTest, ErrorBeforeTheFirstEventHasItsCode) {
  upstream_.AnswerStatus(absl::UnauthenticatedError("log in"));

  const auto answer = Watch("");

  EXPECT_EQ(answer.code, 401);
  EXPECT_TRUE(answer.Has("content-type: application/json"));
}

TEST_F(EventsTest, CommentsShowThatItLives) {
  heartbeat_ = absl::Milliseconds(20);
  SetUp();
  upstream_.Begin({});
  RawClient client(address());
  client.Send(
      "GET /v1/notes:watch HTTP/1.1\r\nHost: a\r\n"
      "Accept: text/event-stream\r\n\r\n");
  client.ReadHead();

  bool whole = false;
  EXPECT_EQ(client.ReadChunk(&whole), "retry: 2000\n\n");
  EXPECT_EQ(client.ReadChunk(&whole), ":\n\n");
}

TEST_F(EventsTest, WhatNobodyOffersIsNotAcceptable) {
  RawClient client(address());

  const auto answer =
      client.Request("GET /v1/notes:watch", "Accept: application/json\r\n");

  EXPECT_EQ(answer.code, 406);
  EXPECT_THAT(answer.body, HasSubstr("text/event-stream"));
}

TEST_F(EventsTest, LastEventIdGoesIntoTheRequest) {
  upstream_.AnswerStatus(absl::OkStatus());

  Watch("Last-Event-ID: 41\r\n");

  EXPECT_EQ(upstream_.AwaitMessages(1)[0], "after { number: 41 }");
}

TEST_F(EventsTest, QueryOutweighsLastEventId) {
  upstream_.AnswerStatus(absl::OkStatus());

  Watch("Last-Event-ID: 41\r\n", "?after.number=7");

  EXPECT_EQ(upstream_.AwaitMessages(1)[0], "after { number: 7 }");
}

TEST_F(EventsTest, LastEventIdThatIsNoneIsRefused) {
  const auto answer = Watch("Last-Event-ID: nonsense\r\n");

  EXPECT_EQ(answer.code, 400);
  EXPECT_THAT(answer.body, HasSubstr("Last-Event-ID"));
}

// The rest of the stream followed it.
TEST_F(EventsTest, MessageThatCannotBeShownEndsTheStream) {
  pinhole::testing::Envelope good;
  pinhole::testing::Envelope bad;
  bad.mutable_content()->set_type_url("type.googleapis.com/no.Such");
  bad.mutable_content()->set_value("x");
  upstream_.Answer(good);
  upstream_.Answer(bad);
  upstream_.Answer(good);
  RawClient client(address());

  const auto answer = client.Request("GET /v1/envelopes:watch");

  EXPECT_TRUE(answer.whole);
  EXPECT_THAT(answer.body, HasSubstr("\n{\"error\":{\"code\":13,"));
  EXPECT_EQ(std::count(answer.body.begin(), answer.body.end(), '\n'), 2);
  upstream_.AwaitCancellations(1);
}

TEST_F(EventsTest, FirstMessageThatCannotBeShownIsAServersFault) {
  pinhole::testing::Envelope bad;
  bad.mutable_content()->set_type_url("type.googleapis.com/no.Such");
  bad.mutable_content()->set_value("x");
  upstream_.Answer(bad);
  RawClient client(address());

  EXPECT_EQ(client.Request("GET /v1/envelopes:watch").code, 500);
}

}  // namespace
}  // namespace pinhole::gateway
