// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.pb.h"
#include "tests/unit/gateway/front/front.h"

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

TEST_F(UploadTest, QueryCanNameTheHeadInEitherWay) {
  HttpServer::Options options;
  options.services = {"pinhole.testing.Streams"};
  Restart(std::move(options));
  RawClient client(address());
  client.Send(
      "POST /v1/notes:keep?first_note.text=a&firstNote.text=b HTTP/1.1\r\n"
      "Host: a\r\n" +
      Head(3) + "\r\nabc");

  const auto answer = client.Read();

  EXPECT_EQ(answer.code, 400);
  EXPECT_NE(answer.body.find("first_note.text is given twice"),
            std::string::npos)
      << answer.body;
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

// What the gateway holds is what it took from the socket and the upstream has
// not taken from it.
TEST_F(UploadTest, SlowUpstreamHoldsTheClientBack) {
  constexpr std::size_t kHead = 1;
  constexpr std::size_t kTaken = 3;
  const std::size_t chunk = Limits().chunk_bytes;
  const std::string piece(1 << 20, 'x');
  upstream_.TakeMessages(kHead + kTaken);
  RawClient client(address());
  const std::string head = "POST /v1/photos:upload HTTP/1.1\r\nHost: a\r\n" +
                           Head(20 * piece.size()) + "\r\n";
  client.Send(head);

  // Until the socket takes no more although the upstream waits: twice, since
  // the gateway reads meanwhile.
  std::size_t sent = 0;
  const auto fill = [&] {
    for (std::size_t now = 1; now > 0; sent += now) {
      now = client.SendSome(std::string_view(piece).substr(
          0, std::min(piece.size(), 20 * piece.size() - sent)));
    }
  };
  fill();
  const auto messages = upstream_.AwaitMessages(kHead + kTaken + 1);
  fill();

  EXPECT_EQ(messages.size(), kHead + kTaken + 1);
  // One message waits for the upstream, and the next piece for the message;
  // nothing else may be here.
  EXPECT_GT(sent, (kTaken + 1) * chunk);
  const std::size_t read = client.BytesReadByPeer();
  EXPECT_GE(read, head.size() + (kTaken + 1) * chunk);
  EXPECT_LE(read, head.size() + (kTaken + 2) * chunk);
  EXPECT_EQ(upstream_.AwaitMessages(0).size(), kHead + kTaken + 1);
}

TEST_F(UploadTest, TooManyBytesAre413BeforeAnyCallOrContinue) {
  for (const char* length :
       {"20971521", "9223372036854775808", "18446744073709551615"}) {
    RawClient client(address());
    client.Send(
        fmt::format("POST /v1/photos:upload HTTP/1.1\r\nHost: a\r\n"
                    "Content-Type: image/jpeg\r\nContent-Length: {}\r\n"
                    "Expect: 100-continue\r\n\r\n",
                    length));

    const auto answer = client.Read();

    EXPECT_EQ(answer.code, 413) << length;
    EXPECT_NE(answer.body.find("20971520"), std::string::npos);
    EXPECT_NE(answer.body.find(R"("field":"body")"), std::string::npos);
    EXPECT_TRUE(answer.Has("connection: close"));
  }
  EXPECT_TRUE(upstream_.AwaitMessages(0).empty());
}

TEST_F(UploadTest, TooManyBytesOfUnknownLengthAre413AndCancelled) {
  upstream_.TakeMessages(1000);
  RawClient client(address());
  client.Send(
      "POST /v1/photos:upload HTTP/1.1\r\nHost: a\r\n"
      "Content-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string piece = "100000\r\n" + std::string(1 << 20, 'x') + "\r\n";
  for (int i = 0; i < 20; ++i) client.Send(piece);

  client.Send("1\r\nx\r\n0\r\n\r\n");

  EXPECT_EQ(client.Read().code, 413);
  upstream_.AwaitCancellations(1);
  EXPECT_FALSE(upstream_.ended());
}

TEST_F(UploadTest, OtherTypesAre415BeforeAnyCallOrContinue) {
  for (const char* type :
       {"image/gif", "application/json", "text/plain", "text/html", "video/mp4",
        "video/*", "multipart/mixed; boundary=a"}) {
    RawClient client(address());
    client.Send("POST /v1/photos:upload HTTP/1.1\r\nHost: a\r\n" +
                Head(100, type) + "Expect: 100-continue\r\n\r\n");

    const auto answer = client.Read();

    EXPECT_EQ(answer.code, 415) << type;
    EXPECT_TRUE(
        answer.Has("accept: image/jpeg, image/png, image/webp, "
                   "image/heic, multipart/form-data\r\n"));
    EXPECT_NE(answer.body.find(R"("field":"Content-Type")"), std::string::npos);
  }
  EXPECT_TRUE(upstream_.AwaitMessages(0).empty());
}

TEST_F(UploadTest, OtherNamesOfAcceptedTypesGoAlongInLowerCase) {
  std::size_t asked = 0;
  for (const auto& [stated, told] :
       std::vector<std::pair<const char*, const char*>>{
           {"image/jpg", "image/jpg"},
           {"IMAGE/PJPEG; q=1", "image/pjpeg"},
           {"image/heif", "image/heif"},
           {" image/x-png ;a=b", "image/x-png"},
           {"image/*", "image/*"},
           {"*/*", ""},
           {"Application/Octet-Stream", ""},
           {"binary/octet-stream", ""}}) {
    upstream_.TakeMessages(2);
    RawClient client(address());
    client.Send("POST /v1/photos:upload HTTP/1.1\r\nHost: a\r\n" +
                Head(3, stated) + "\r\nabc");
    asked += 2;
    const auto messages = upstream_.AwaitMessages(asked);
    upstream_.Answer(v1::Photo());

    EXPECT_EQ(client.Read().code, 201) << stated;
    EXPECT_EQ(Parse(messages[asked - 2]).metadata().content_type(), told)
        << stated;
  }
}

TEST_F(UploadTest, CompressedBytesAre415) {
  RawClient client(address());

  const auto answer = client.Request(
      "POST /v1/photos:upload", Head(3) + "Content-Encoding: gzip\r\n", "abc");

  EXPECT_EQ(answer.code, 415);
  EXPECT_TRUE(answer.Has("accept-encoding: identity"));
}

TEST_F(UploadTest, ContinueComesOnceTheServerHasTheHead) {
  upstream_.TakeMessages(2);
  RawClient client(address());
  client.Send("POST /v1/photos:upload HTTP/1.1\r\nHost: a\r\n" +
              Head(3, "IMAGE/JPEG; q=1") + "Expect: 100-continue\r\n\r\n");

  EXPECT_EQ(client.Read().code, 100);
  EXPECT_EQ(upstream_.AwaitMessages(0).size(), 1u);
  client.Send("abc");
  upstream_.AwaitEnd();
  upstream_.Answer(v1::Photo());
  EXPECT_EQ(client.Read().code, 201);
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
