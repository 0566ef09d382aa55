// SPDX-License-Identifier: Apache-2.0

// google.api.HttpBody: raw bytes as a message, whole or as a field, unary or
// streamed.

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/unit/gateway/front/front.h"
#include "tests/unit/gateway/transcode/bytes_service.pb.h"

namespace pinhole::gateway {
namespace {

using gateway_test::File;
using gateway_test::Stored;
using google::api::HttpBody;

class HttpBodyTest : public ::testing::Test {
 protected:
  HttpBodyTest() {
    HttpServer::Options options;
    options.listen = "127.0.0.1:0";
    options.services = {"pinhole.gateway_test.BytesService"};
    options.limits.http_body_bytes = 300'000;
    server_ = HttpServer::Start(options, upstream_, observer_).value();
    client_ = std::make_unique<RawClient>(server_->address());
  }

  static std::string Head(std::size_t size, const char* type) {
    return fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", type,
                       size);
  }
  template <typename Message>
  static Message Parse(const std::string& bytes) {
    Message message;
    EXPECT_TRUE(message.ParseFromString(bytes));
    return message;
  }
  static HttpBody Body(const std::string& type, const std::string& data) {
    HttpBody body;
    body.set_content_type(type);
    body.set_data(data);
    return body;
  }

  FakeUpstream upstream_;
  RecordingObserver observer_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<RawClient> client_;
};

TEST_F(HttpBodyTest, WholeMessagesAreTheBodiesAsTheyAre) {
  upstream_.Answer(Body("text/csv; header=present", "a,b\n"));

  const auto answer = client_->Request(
      "POST /v1:turn", Head(5, "application/json; x=1"), "{\"a\"\n");

  EXPECT_EQ(answer.code, 200);
  EXPECT_TRUE(answer.Has("content-type: text/csv; header=present\r\n"));
  EXPECT_TRUE(answer.Has("content-disposition: attachment"));
  EXPECT_TRUE(answer.Has("x-content-type-options: nosniff"));
  EXPECT_TRUE(answer.Has("cache-control: no-store"));
  EXPECT_EQ(answer.body, "a,b\n");
  EXPECT_EQ(upstream_.AwaitMessages(1)[0],
            "content_type: \"application/json; x=1\" data: \"{\\\"a\\\"\\n\"");
}

TEST_F(HttpBodyTest, ABodyFieldLeavesPathAndQueryTheRest) {
  upstream_.Answer(Stored());

  const auto answer = client_->Request("PUT /v1/files/7?note=new",
                                       Head(3, "text/plain"), "abc");

  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(upstream_.AwaitMessages(1)[0],
            "name: \"files/7\" note: \"new\" content { content_type: "
            "\"text/plain\" data: \"abc\" }");
}

TEST_F(HttpBodyTest, FieldsOfTheBodyAreNoParameters) {
  for (const char* line :
       {"PUT /v1/files/7?content.content_type=a/b",
        "POST /v1/files/7:append?content.content_type=a/b",
        "POST /v1:turn?content_type=a/b", "POST /v1:pour?content_type=a/b"}) {
    RawClient client(server_->address());
    const auto answer = client.Request(line, Head(1, "text/plain"), "a");
    EXPECT_EQ(answer.code, 400) << line;
    EXPECT_NE(answer.body.find("belongs into the body"), std::string::npos);
  }
  EXPECT_TRUE(upstream_.AwaitMessages(0).empty());
}

TEST_F(HttpBodyTest, AMissingBodyIsAnEmptyOne) {
  upstream_.Answer(Body("", ""));

  const auto answer =
      client_->Request("POST /v1:turn", "Content-Length: 0\r\n");

  EXPECT_EQ(answer.code, 200);
  EXPECT_TRUE(answer.Has("content-type: application/octet-stream"));
  EXPECT_EQ(upstream_.AwaitMessages(1)[0], "");
}

TEST_F(HttpBodyTest, BytesOfOneMessageAreLimited) {
  const std::string most(300'000, 'x');
  upstream_.Answer(Stored());
  EXPECT_EQ(
      client_->Request("PUT /v1/files/7", Head(most.size(), "text/plain"), most)
          .code,
      200);

  EXPECT_EQ(
      client_->Request("PUT /v1/files/7", Head(300'001, "text/plain")).code,
      413);
  RawClient chunked(server_->address());
  EXPECT_EQ(chunked
                .Request("PUT /v1/files/7", "Transfer-Encoding: chunked\r\n",
                         "493e1\r\n" + most + "x\r\n0\r\n\r\n")
                .code,
            413);
  EXPECT_EQ(upstream_.AwaitMessages(0).size(), 1u);
}

TEST_F(HttpBodyTest, ResponseBodyIsTheBytesOfThatField) {
  File file;
  *file.mutable_content() = Body("image/png", "png");
  upstream_.Answer(file);
  const auto answer = client_->Request("GET /v1/files/7");
  EXPECT_EQ(answer.body, "png");
  EXPECT_TRUE(answer.Has("content-type: image/png"));
  EXPECT_TRUE(answer.Has("content-disposition: inline"));

  upstream_.Answer(file);
  const auto head = client_->Request("HEAD /v1/files/7");
  EXPECT_TRUE(head.Has("content-length: 3"));
  upstream_.Answer(File());
  EXPECT_EQ(client_->Request("GET /v1/files/7").body, "");
}

TEST_F(HttpBodyTest, StreamedRequestsHaveTheTypeFirstThenBytes) {
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) bytes += static_cast<char>(i % 251);
  upstream_.TakeMessages(100);
  client_->Send("POST /v1/files/7:append?note=new HTTP/1.1\r\nHost: a\r\n" +
                Head(bytes.size(), "video/mp4") + "\r\n" + bytes);
  upstream_.AwaitEnd();
  upstream_.Answer(Stored());

  EXPECT_EQ(client_->Read().code, 200);
  const auto messages = upstream_.AwaitMessages(1);
  const auto first = Parse<File>(messages[0]);
  EXPECT_EQ(first.name(), "files/7");
  EXPECT_EQ(first.note(), "new");
  EXPECT_EQ(first.content().content_type(), "video/mp4");
  std::string received;
  for (std::size_t i = 1; i < messages.size(); ++i) {
    const auto file = Parse<File>(messages[i]);
    EXPECT_EQ(file.name(), "");
    received += file.content().data();
  }
  EXPECT_EQ(received, bytes);
}

TEST_F(HttpBodyTest, WholeMessagesStreamToo) {
  upstream_.TakeMessages(100);
  client_->Send("POST /v1:pour HTTP/1.1\r\nHost: a\r\n" +
                Head(3, "multipart/form-data; boundary=x") + "\r\nabc");
  upstream_.AwaitEnd();
  upstream_.Answer(Stored());

  EXPECT_EQ(client_->Read().code, 200);
  const auto messages = upstream_.AwaitMessages(2);
  EXPECT_EQ(Parse<HttpBody>(messages[0]).content_type(),
            "multipart/form-data; boundary=x");
  EXPECT_EQ(Parse<HttpBody>(messages[1]).data(), "abc");
}

TEST_F(HttpBodyTest, StreamedResponsesAreOneBody) {
  upstream_.Answer(Body("video/mp4", "abc"));
  upstream_.Answer(Body("ignored/later", ""));
  upstream_.Answer(Body("", "def"));
  upstream_.AnswerStatus(absl::OkStatus());
  const auto whole = client_->Request("GET /v1/files/7:tail");
  EXPECT_EQ(whole.code, 200);
  EXPECT_TRUE(whole.Has("content-type: video/mp4"));
  EXPECT_TRUE(whole.Has("transfer-encoding: chunked"));
  EXPECT_EQ(whole.body, "abcdef");
  EXPECT_TRUE(whole.whole);

  File file;
  *file.mutable_content() = Body("text/plain", "gh");
  upstream_.Answer(file);
  upstream_.AnswerStatus(absl::OkStatus());
  EXPECT_EQ(client_->Request("GET /v1/files/7:follow").body, "gh");
}

TEST_F(HttpBodyTest, AStreamWithoutMessagesIsNoBytes) {
  upstream_.AnswerStatus(absl::OkStatus());

  const auto answer = client_->Request("GET /v1/files/7:tail");

  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_TRUE(answer.whole);
}

TEST_F(HttpBodyTest, ErrorsHaveTheirCodeOrCutTheBody) {
  upstream_.AnswerStatus(absl::NotFoundError("no such file"));
  EXPECT_EQ(client_->Request("GET /v1/files/7:tail").code, 404);

  upstream_.Answer(Body("video/mp4", "abc"));
  upstream_.AnswerStatus(absl::DataLossError("x"));
  const auto cut = client_->Request("GET /v1/files/7:tail");
  EXPECT_EQ(cut.code, 200);
  EXPECT_FALSE(cut.whole);
}

}  // namespace
}  // namespace pinhole::gateway
