// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "pinhole/v1/social_service.pb.h"
#include "tests/unit/gateway/front/front.h"

namespace pinhole::gateway {
namespace {

using ::testing::HasSubstr;

class WatchTest : public FrontTest {
 protected:
  void AnswerEntry(const std::string& photo) {
    v1::WatchFeedResponse response;
    response.mutable_photo()->set_name(photo);
    upstream_.Answer(response);
  }
};

TEST_F(WatchTest, EachMessageIsALineAtOnce) {
  AnswerEntry("photos/1");
  RawClient client(address());
  client.Send("GET /v1/feed:watch HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = client.ReadHead();
  EXPECT_EQ(head.code, 200);
  EXPECT_TRUE(head.Has("content-type: application/x-ndjson"));
  bool whole = false;
  EXPECT_THAT(client.ReadChunk(&whole), HasSubstr("photos/1"));

  AnswerEntry("photos/2");
  const std::string line = client.ReadChunk(&whole);
  EXPECT_THAT(line, HasSubstr("photos/2"));
  EXPECT_EQ(line.back(), '\n');

  upstream_.AnswerStatus(absl::OkStatus());
  EXPECT_EQ(client.ReadChunk(&whole), "");
  EXPECT_TRUE(whole);
  EXPECT_EQ(client.Request("GET /healthz").code, 200);
}

TEST_F(WatchTest, ErrorBeforeTheFirstMessageHasItsCode) {
  upstream_.AnswerStatus(absl::UnauthenticatedError("log in"));
  RawClient client(address());

  EXPECT_EQ(client.Request("GET /v1/feed:watch").code, 401);
}

TEST_F(WatchTest, LaterErrorIsTheLastLine) {
  AnswerEntry("photos/1");
  upstream_.AnswerStatus(absl::UnavailableError("going down"));
  RawClient client(address());

  const auto answer = client.Request("GET /v1/feed:watch");

  EXPECT_EQ(answer.code, 200);
  EXPECT_TRUE(answer.whole);
  EXPECT_THAT(answer.body, HasSubstr("\n{\"error\":{\"code\":14,"));
}

TEST_F(WatchTest, SilentStreamSendsItsHeadOnceItHasBegun) {
  upstream_.Begin({});
  RawClient client(address());
  client.Send("GET /v1/feed:watch HTTP/1.1\r\nHost: a\r\n\r\n");

  EXPECT_EQ(client.ReadHead().code, 200);

  AnswerEntry("photos/1");
  bool whole = false;
  EXPECT_THAT(client.ReadChunk(&whole), HasSubstr("photos/1"));
}

// One that never says that it begins, as some servers do not.
TEST_F(WatchTest, SilentStreamSendsItsHeadInTheEnd) {
  Limits limits;
  limits.head_time = absl::Milliseconds(20);
  Restart(limits);
  RawClient client(address());
  client.Send("GET /v1/feed:watch HTTP/1.1\r\nHost: a\r\n\r\n");

  EXPECT_EQ(client.ReadHead().code, 200);
}

// The real status was lost if it came right after the word that it begins.
TEST_F(WatchTest, RefusalRightAfterTheBeginningHasItsCode) {
  upstream_.Begin({});
  upstream_.AnswerStatus(absl::PermissionDeniedError("not yours"));
  RawClient client(address());

  EXPECT_EQ(client.Request("GET /v1/feed:watch").code, 403);
}

TEST_F(WatchTest, HeadHasNoBody) {
  upstream_.Begin({});
  RawClient client(address());

  EXPECT_EQ(client.Request("HEAD /v1/feed:watch").code, 200);
  EXPECT_EQ(client.Request("GET /healthz").code, 200);
}

TEST_F(WatchTest, EmptyLinesShowThatItLives) {
  Limits limits;
  limits.heartbeat_time = absl::Milliseconds(20);
  Restart(limits);
  upstream_.Begin({});
  RawClient client(address());
  client.Send("GET /v1/feed:watch HTTP/1.1\r\nHost: a\r\n\r\n");
  client.ReadHead();

  bool whole = false;
  EXPECT_EQ(client.ReadChunk(&whole), "\n");
  EXPECT_EQ(client.ReadChunk(&whole), "\n");
}

TEST_F(WatchTest, DeadlineIsTheLastLine) {
  AnswerEntry("photos/1");
  RawClient client(address());

  const auto answer =
      client.Request("GET /v1/feed:watch", "Grpc-Timeout: 50m\r\n");

  EXPECT_TRUE(answer.whole);
  EXPECT_THAT(answer.body, HasSubstr("\n{\"error\":{\"code\":4,"));
  EXPECT_THAT(answer.body, HasSubstr("google.rpc.RequestInfo"));
}

TEST_F(WatchTest, HangUpWhileIdleCancelsTheCall) {
  AnswerEntry("photos/1");
  RawClient client(address());
  client.Send("GET /v1/feed:watch HTTP/1.1\r\nHost: a\r\n\r\n");
  client.ReadHead();

  client.Close();

  upstream_.AwaitCancellations(1);
}

TEST_F(WatchTest, DrainEndsTheStream) {
  AnswerEntry("photos/1");
  RawClient client(address());
  client.Send("GET /v1/feed:watch HTTP/1.1\r\nHost: a\r\n\r\n");
  client.ReadHead();

  server_->Drain(absl::Seconds(20));

  bool whole = false;
  EXPECT_THAT(client.ReadChunk(&whole), HasSubstr("photos/1"));
  EXPECT_THAT(client.ReadChunk(&whole), HasSubstr("error"));
}

// A stream that began while the server was stopping went on for ever.
TEST_F(WatchTest, StreamThatBeginsDuringADrainEndsAtOnce) {
  RawClient idle(address());
  EXPECT_EQ(idle.Request("GET /healthz").code, 200);
  RawClient client(address());
  client.Send(
      "GET /v1/feed:watch HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(client.ReadHead().code, 100);
  std::thread drain([this] { server_->Drain(absl::Seconds(20)); });
  EXPECT_TRUE(idle.AtEnd());

  client.Send("0\r\n\r\n");

  EXPECT_EQ(client.Read().code, 503);
  drain.join();
}

}  // namespace
}  // namespace pinhole::gateway
