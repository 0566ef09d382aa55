// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.pb.h"
#include "tests/unit/gateway/front.h"

namespace pinhole::gateway {
namespace {

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

  EXPECT_EQ(client.Read().code, 201);
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

  EXPECT_EQ(client.Read().code, 201);
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

}  // namespace
}  // namespace pinhole::gateway
