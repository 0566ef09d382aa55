// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "tests/unit/gateway/front.h"

namespace pinhole::gateway {
namespace {

using ::testing::HasSubstr;

class UploadTest : public FrontTest {
 protected:
  static v1::UploadPhotoRequest Parse(const std::string& bytes) {
    v1::UploadPhotoRequest message;
    EXPECT_TRUE(message.ParseFromString(bytes));
    return message;
  }
  static std::string Head(std::size_t size, const char* type = "image/jpeg") {
    return fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", type,
                       size);
  }
};

TEST_F(UploadTest, BytesArriveInOrderAfterTheHead) {
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) bytes += static_cast<char>(i % 251);
  upstream_.TakeMessages(100);
  RawClient client(address());
  std::thread sender([&] {
    client.Send(
        "POST /v1/photos:upload?caption=Half%20Dome HTTP/1.1\r\n"
        "Host: a\r\n" +
        Head(bytes.size()) + "\r\n" + bytes);
  });

  const auto messages = upstream_.AwaitMessages(4);
  upstream_.Answer(v1::Photo());
  sender.join();

  EXPECT_EQ(client.Read().code, 200);
  const v1::PhotoMetadata head = Parse(messages[0]).metadata();
  EXPECT_EQ(head.caption(), "Half Dome");
  EXPECT_EQ(head.content_type(), "image/jpeg");
  EXPECT_EQ(head.size_bytes(), 300'000);
  std::string received;
  for (std::size_t i = 1; i < messages.size(); ++i) {
    received += Parse(messages[i]).chunk();
  }
  EXPECT_EQ(received, bytes);
}

TEST_F(UploadTest, CurlsDefaultTypeIsTakenAsNotStated) {
  upstream_.TakeMessages(2);
  RawClient client(address());
  client.Send("POST /v1/photos:upload HTTP/1.1\r\nHost: a\r\n" +
              Head(3, "application/x-www-form-urlencoded") + "\r\nabc");

  const auto messages = upstream_.AwaitMessages(2);
  upstream_.Answer(v1::Photo());

  EXPECT_EQ(client.Read().code, 200);
  EXPECT_EQ(Parse(messages[0]).metadata().content_type(), "");
}

TEST_F(UploadTest, SlowUpstreamHoldsTheClientBack) {
  const std::string piece(1 << 20, 'x');
  constexpr std::size_t kAnnounced = 1 << 30;
  upstream_.TakeMessages(2);
  RawClient client(address());
  client.Send("POST /v1/photos:upload HTTP/1.1\r\nHost: a\r\n" +
              Head(kAnnounced) + "\r\n");
  std::size_t sent = 0;
  std::thread sender([&] {
    // Until the socket takes no more although the upstream waits.
    const auto messages = upstream_.AwaitMessages(3);
    for (std::size_t now = 1; now > 0 && sent < kAnnounced; sent += now) {
      now = client.SendSome(piece);
    }
  });
  client.SendSome(piece);
  sender.join();

  EXPECT_LT(sent, std::size_t{64} << 20);
  EXPECT_EQ(upstream_.AwaitMessages(3).size(), 3u);
}

TEST_F(UploadTest, EarlyErrorIsToldBeforeTheBodyHasCome) {
  upstream_.TakeMessages(1);
  RawClient client(address());
  client.Send("POST /v1/photos:upload HTTP/1.1\r\nHost: a\r\n" +
              Head(10'000'000) + "\r\nabc");
  upstream_.AwaitMessages(1);

  upstream_.AnswerStatus(absl::UnauthenticatedError("log in"));

  const auto answer = client.Read();
  EXPECT_EQ(answer.code, 401);
  EXPECT_TRUE(answer.Has("connection: close"));
}

TEST_F(UploadTest, HangUpCancelsTheUpload) {
  upstream_.TakeMessages(100);
  RawClient client(address());
  client.Send("POST /v1/photos:upload HTTP/1.1\r\nHost: a\r\n" + Head(1000) +
              "\r\nabc");
  upstream_.AwaitMessages(1);

  client.Close();

  upstream_.AwaitCancellations(1);
  EXPECT_FALSE(upstream_.ended());
}

class DownloadTest : public FrontTest {
 protected:
  void AnswerHead(std::int64_t size) {
    v1::DownloadPhotoResponse response;
    response.mutable_head()->set_content_type("image/jpeg");
    response.mutable_head()->set_size_bytes(size);
    response.mutable_head()->set_etag("abc");
    upstream_.Answer(response);
  }
  void AnswerChunk(const std::string& bytes) {
    v1::DownloadPhotoResponse response;
    response.set_chunk(bytes);
    upstream_.Answer(response);
  }
};

TEST_F(DownloadTest, BytesComeWithTypeLengthAndTag) {
  AnswerHead(6);
  AnswerChunk("abc");
  AnswerChunk("def");
  upstream_.AnswerStatus(absl::OkStatus());
  RawClient client(address());

  const auto answer = client.Request("GET /v1/photos/7/thumbnail");

  EXPECT_EQ(answer.code, 200);
  EXPECT_TRUE(answer.Has("content-type: image/jpeg"));
  EXPECT_TRUE(answer.Has("content-length: 6"));
  EXPECT_TRUE(answer.Has("etag: \"abc\""));
  EXPECT_TRUE(answer.Has("x-content-type-options: nosniff"));
  EXPECT_EQ(answer.body, "abcdef");
  EXPECT_EQ(upstream_.AwaitMessages(1)[0],
            "name: \"photos/7\" rendition: RENDITION_THUMBNAIL");
  EXPECT_EQ(client.Request("GET /healthz").code, 200);
}

TEST_F(DownloadTest, KnownTagIsNotModified) {
  AnswerHead(6);
  RawClient client(address());

  const auto answer =
      client.Request("GET /v1/photos/7/large", "If-None-Match: \"abc\"\r\n");

  EXPECT_EQ(answer.code, 304);
  EXPECT_EQ(client.Request("GET /healthz").code, 200);
}

TEST_F(DownloadTest, HeadHasNoBytes) {
  AnswerHead(6);
  RawClient client(address());

  const auto answer = client.Request("HEAD /v1/photos/7/large");

  EXPECT_TRUE(answer.Has("content-length: 6"));
  EXPECT_EQ(client.Request("GET /healthz").code, 200);
}

TEST_F(DownloadTest, ErrorBeforeTheFirstByteHasItsCode) {
  upstream_.AnswerStatus(absl::PermissionDeniedError("not yours"));
  RawClient client(address());

  EXPECT_EQ(client.Request("GET /v1/photos/7/original").code, 403);
}

TEST_F(DownloadTest, FailureMidwayCutsTheConnection) {
  AnswerHead(6);
  AnswerChunk("abc");
  upstream_.AnswerStatus(absl::DataLossError("x"));
  RawClient client(address());

  const auto answer = client.Request("GET /v1/photos/7/large");

  EXPECT_EQ(answer.code, 200);
  EXPECT_FALSE(answer.whole);
}

TEST_F(DownloadTest, TooFewBytesCutTheConnection) {
  AnswerHead(6);
  AnswerChunk("abc");
  upstream_.AnswerStatus(absl::OkStatus());
  RawClient client(address());

  EXPECT_FALSE(client.Request("GET /v1/photos/7/large").whole);
  EXPECT_TRUE(client.AtEnd());
}

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

TEST_F(WatchTest, SilentStreamSendsItsHeadersSoon) {
  RawClient client(address());
  client.Send("GET /v1/feed:watch HTTP/1.1\r\nHost: a\r\n\r\n");

  EXPECT_EQ(client.ReadHead().code, 200);

  AnswerEntry("photos/1");
  bool whole = false;
  EXPECT_THAT(client.ReadChunk(&whole), HasSubstr("photos/1"));
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

}  // namespace
}  // namespace pinhole::gateway
