// SPDX-License-Identifier: Apache-2.0

// Downloads that the server redirects to another host.

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pinhole/v1/photo_service.pb.h"
#include "tests/unit/gateway/front/front.h"

namespace pinhole::gateway {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class FrontRedirectTest : public FrontTest {
 protected:
  void AnswerRedirect() {
    v1::DownloadPhotoResponse response;
    response.mutable_head()->set_content_type("image/jpeg");
    response.mutable_head()->set_etag("abc");
    response.mutable_head()->set_redirect_uri("https://photos.example/7?sig=1");
    upstream_.Answer(response);
    upstream_.AnswerStatus(absl::OkStatus());
  }
  void AnswerBytes() {
    v1::DownloadPhotoResponse response;
    response.mutable_head()->set_size_bytes(3);
    upstream_.Answer(response);
    response.set_chunk("abc");
    upstream_.Answer(response);
    upstream_.AnswerStatus(absl::OkStatus());
  }
  void SetUp() override {
    FrontTest::SetUp();
    client_ = std::make_unique<RawClient>(address());
  }

  std::unique_ptr<RawClient> client_;
};

TEST_F(FrontRedirectTest, TheResponseNamesTheUriAndIsNotCached) {
  AnswerRedirect();

  const auto answer = client_->Request("GET /v1/photos/7/large");

  EXPECT_EQ(answer.code, 307);
  EXPECT_TRUE(answer.Has("location: https://photos.example/7?sig=1"));
  EXPECT_TRUE(answer.Has("cache-control: no-store"));
  EXPECT_EQ(answer.body, "");
  EXPECT_THAT(upstream_.AwaitMessages(1)[0], EndsWith("accept_redirect: true"));
  EXPECT_EQ(client_->Request("GET /healthz").code, 200);
}

TEST_F(FrontRedirectTest, ARangeIsLeftToTheOtherHost) {
  AnswerRedirect();

  const auto answer =
      client_->Request("GET /v1/photos/7/large", "Range: bytes=2-5\r\n");

  EXPECT_EQ(answer.code, 307);
}

TEST_F(FrontRedirectTest, ACurrentCopyIsNotRedirected) {
  AnswerRedirect();

  const auto answer =
      client_->Request("GET /v1/photos/7/large", "If-None-Match: \"abc\"\r\n");

  EXPECT_EQ(answer.code, 304);
}

TEST_F(FrontRedirectTest, RequestsThatCannotBeRepeatedElsewhereAskForBytes) {
  std::size_t calls = 0;
  for (const char* headers : {"If-Match: *\r\n", "Sec-Fetch-Mode: cors\r\n",
                              "Sec-Fetch-Mode: same-origin\r\n"}) {
    AnswerBytes();
    const auto answer = client_->Request("GET /v1/photos/7/large", headers);
    EXPECT_EQ(answer.code, 200) << headers;
    EXPECT_EQ(answer.body, "abc") << headers;
    EXPECT_THAT(upstream_.AwaitMessages(++calls).back(),
                Not(HasSubstr("accept_redirect")))
        << headers;
  }
  AnswerBytes();
  EXPECT_EQ(client_->Request("HEAD /v1/photos/7/large").code, 200);
  EXPECT_THAT(upstream_.AwaitMessages(++calls).back(),
              Not(HasSubstr("accept_redirect")));
}

TEST_F(FrontRedirectTest, PicturesOfPagesAreRedirected) {
  AnswerRedirect();

  const auto answer =
      client_->Request("GET /v1/photos/7/large", "Sec-Fetch-Mode: no-cors\r\n");

  EXPECT_EQ(answer.code, 307);
}

TEST_F(FrontRedirectTest, TheCallerDecides) {
  AnswerBytes();

  const auto answer =
      client_->Request("GET /v1/photos/7/large?acceptRedirect=false");

  EXPECT_EQ(answer.code, 200);
  EXPECT_THAT(upstream_.AwaitMessages(1)[0],
              EndsWith("accept_redirect: false"));
}

}  // namespace
}  // namespace pinhole::gateway
