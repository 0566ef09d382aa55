// SPDX-License-Identifier: Apache-2.0

// Uploads by multipart/form-data.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.pb.h"
#include "tests/unit/gateway/front/front.h"

namespace pinhole::gateway {
namespace {

class FrontFormTest : public FrontTest {
 protected:
  static v1::UploadPhotoRequest Parse(const std::string& bytes) {
    v1::UploadPhotoRequest message;
    EXPECT_TRUE(message.ParseFromString(bytes));
    return message;
  }
  static std::string Text(std::string_view name, std::string_view value) {
    return fmt::format(
        "--xyz\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n",
        name, value);
  }
  static std::string File(std::string_view bytes,
                          std::string_view type = "image/jpeg",
                          std::string_view more = "") {
    return fmt::format(
        "--xyz\r\nContent-Disposition: form-data; name=\"file\"; "
        "filename=\"../../etc/x.jpg\"\r\nContent-Type: {}\r\n{}\r\n{}\r\n",
        type, more, bytes);
  }
  // Sends a form; `parts` without its end.
  void Post(RawClient& client, const std::string& parts,
            const std::string& query = "") {
    const std::string form = parts + "--xyz--\r\n";
    client.Send(
        fmt::format("POST /v1/photos:upload{} HTTP/1.1\r\nHost: a\r\n"
                    "Content-Type: multipart/form-data; boundary=xyz\r\n"
                    "Content-Length: {}\r\n\r\n{}",
                    query, form.size(), form));
  }
  // The answer to a form that is refused, and of which nothing was sent.
  RawClient::Answer Refused(const std::string& parts,
                            const std::string& query = "") {
    RawClient client(address());
    Post(client, parts, query);
    auto answer = client.Read();
    EXPECT_TRUE(upstream_.AwaitMessages(0).empty());
    return answer;
  }
};

TEST_F(FrontFormTest, TextPartsAreFieldsAndTheFileTheBytes) {
  upstream_.TakeMessages(100);
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) bytes += static_cast<char>(i % 251);
  RawClient client(address());
  Post(client,
       Text("caption", "Half Dome & more+100%") +
           Text("metadata.visibility", "private") + File(bytes),
       "?alt_text=rock");
  upstream_.AwaitEnd();
  upstream_.Answer(v1::Photo());

  EXPECT_EQ(client.Read().code, 201);
  const auto messages = upstream_.AwaitMessages(1);
  const v1::PhotoMetadata head = Parse(messages[0]).metadata();
  EXPECT_EQ(head.caption(), "Half Dome & more+100%");
  EXPECT_EQ(head.visibility(), v1::VISIBILITY_PRIVATE);
  EXPECT_EQ(head.alt_text(), "rock");
  EXPECT_EQ(head.content_type(), "image/jpeg");
  EXPECT_EQ(head.size_bytes(), 0);  // The form's length is not the file's.
  std::string received;
  for (std::size_t i = 1; i < messages.size(); ++i) {
    received += Parse(messages[i]).chunk();
  }
  EXPECT_EQ(received, bytes);
  EXPECT_EQ(client.Request("GET /healthz").code, 200);
}

TEST_F(FrontFormTest, TypeThatSaysNothingIsNotStated) {
  upstream_.TakeMessages(100);
  RawClient client(address());
  Post(client, File("abc", "application/octet-stream"));
  upstream_.AwaitEnd();
  upstream_.Answer(v1::Photo());

  EXPECT_EQ(client.Read().code, 201);
  EXPECT_EQ(Parse(upstream_.AwaitMessages(1)[0]).metadata().content_type(), "");
}

TEST_F(FrontFormTest, WrongFieldsAreNamedBeforeAnythingIsSent) {
  for (const auto& [parts, field] :
       std::vector<std::pair<std::string, std::string>>{
           {Text("nonsense", "1") + File("abc"), "nonsense"},
           {Text("visibility", "sideways") + File("abc"),
            "metadata.visibility"},
           {Text("contentType", "image/png") + File("abc"),
            "metadata.content_type"},
           {Text("caption", std::string(65 * 1024, 'x')) + File("abc"),
            "caption"},
           {Text("caption", "no file"), "body"},
           {Text("caption", "a") + Text("caption", "b") + File("abc"),
            "metadata.caption"}}) {
    const auto answer = Refused(parts);
    EXPECT_NE(answer.body.find(fmt::format(R"("field":"{}")", field)),
              std::string::npos)
        << answer.body;
    EXPECT_GE(answer.code, 400);
    EXPECT_LT(answer.code, 500);
  }
}

TEST_F(FrontFormTest, QueryAndFormMayNotBothNameAField) {
  const auto answer = Refused(Text("caption", "a") + File("abc"), "?caption=b");

  EXPECT_EQ(answer.code, 400);
  EXPECT_NE(answer.body.find("is given twice"), std::string::npos);
}

TEST_F(FrontFormTest, WrongTypeIs415BeforeAnythingIsSent) {
  const auto gif = Refused(File("GIF89a", "image/gif"));
  EXPECT_EQ(gif.code, 415);
  EXPECT_TRUE(gif.Has("accept: image/jpeg, "));

  EXPECT_EQ(Refused(File("YWJj", "image/jpeg",
                         "Content-Transfer-Encoding: base64\r\n"))
                .code,
            415);
}

TEST_F(FrontFormTest, WhatFollowsTheFileCancelsTheUpload) {
  for (const std::string& rest :
       {Text("caption", "late"), File("second"), std::string("--xyzz\r\n")}) {
    upstream_.TakeMessages(100);
    RawClient client(address());
    Post(client, File("abc") + rest);

    EXPECT_EQ(client.Read().code, 400) << rest;
  }
  upstream_.AwaitCancellations(3);
  EXPECT_FALSE(upstream_.ended());
}

TEST_F(FrontFormTest, ACutOffFormIsNoUpload) {
  upstream_.TakeMessages(100);
  RawClient client(address());
  const std::string form = File("abc");
  client.Send(
      fmt::format("POST /v1/photos:upload HTTP/1.1\r\nHost: a\r\n"
                  "Content-Type: multipart/form-data; boundary=xyz\r\n"
                  "Content-Length: {}\r\n\r\n{}",
                  form.size(), form));

  EXPECT_EQ(client.Read().code, 400);
  upstream_.AwaitCancellations(1);
  EXPECT_FALSE(upstream_.ended());
}

TEST_F(FrontFormTest, AFormWithoutABoundaryIsRefused) {
  RawClient client(address());

  const auto answer = client.Request(
      "POST /v1/photos:upload",
      "Content-Type: multipart/form-data\r\nContent-Length: 3\r\n", "abc");

  EXPECT_EQ(answer.code, 400);
  EXPECT_NE(answer.body.find(R"("field":"Content-Type")"), std::string::npos);
}

TEST_F(FrontFormTest, AFormThatCannotFitIs413BeforeItIsSent) {
  RawClient client(address());
  client.Send(
      "POST /v1/photos:upload HTTP/1.1\r\nHost: a\r\n"
      "Content-Type: multipart/form-data; boundary=xyz\r\n"
      "Content-Length: 25000000\r\nExpect: 100-continue\r\n\r\n");

  EXPECT_EQ(client.Read().code, 413);
}

TEST_F(FrontFormTest, WhatIsWrongWithTheQueryIsToldBeforeTheForm) {
  RawClient client(address());

  const auto answer =
      client.Request("POST /v1/photos:upload?nonsense=1",
                     "Content-Type: multipart/form-data; boundary=xyz\r\n"
                     "Content-Length: 1000000\r\nExpect: 100-continue\r\n");

  EXPECT_EQ(answer.code, 400);
  EXPECT_NE(answer.body.find(R"("field":"nonsense")"), std::string::npos);
}

TEST_F(FrontFormTest, AStrangerIsRefusedBeforeTheFormHasCome) {
  upstream_.AnswerStatus(absl::UnauthenticatedError("log in"));
  RawClient client(address());
  client.Send(
      "POST /v1/photos:upload HTTP/1.1\r\nHost: a\r\n"
      "Content-Type: multipart/form-data; boundary=xyz\r\n"
      "Content-Length: 1000000\r\n\r\n" +
      Text("caption", "of a long form"));

  const auto answer = client.Read();

  EXPECT_EQ(answer.code, 401);
  EXPECT_TRUE(answer.Has("www-authenticate: bearer"));
  EXPECT_TRUE(answer.Has("connection: close"));
  EXPECT_TRUE(upstream_.AwaitMessages(0).empty());
}

TEST_F(FrontFormTest, CurlWaitsForContinueOnce) {
  upstream_.TakeMessages(100);
  RawClient client(address());
  const std::string form = File("abc") + "--xyz--\r\n";
  client.Send(
      fmt::format("POST /v1/photos:upload HTTP/1.1\r\nHost: a\r\n"
                  "Content-Type: multipart/form-data; boundary=xyz\r\n"
                  "Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
                  form.size()));
  EXPECT_EQ(client.Read().code, 100);

  client.Send(form);
  upstream_.AwaitEnd();
  upstream_.Answer(v1::Photo());

  EXPECT_EQ(client.Read().code, 201);
}

}  // namespace
}  // namespace pinhole::gateway
