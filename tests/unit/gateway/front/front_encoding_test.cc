// SPDX-License-Identifier: Apache-2.0

#include <string>

#include "gateway/http/compression.h"
#include "gmock/gmock.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/user_service.pb.h"
#include "tests/unit/gateway/front/front.h"

namespace pinhole::gateway {
namespace {

using ::testing::HasSubstr;

constexpr char kWantGzip[] = "Accept-Encoding: gzip, br\r\n";

v1::Photo LongPhoto() {
  v1::Photo photo;
  photo.set_caption(std::string(2000, 'c'));
  return photo;
}

RequestHead Head(std::string name, std::string value) {
  RequestHead head;
  head.headers.emplace_back(std::move(name), std::move(value));
  return head;
}

class EncodingTest : public FrontTest {
 protected:
  // A user of this JSON, which is `body` once it is inflated.
  RawClient::Answer Post(const std::string& body, const std::string& headers) {
    RawClient client(address());
    return client.Request(
        "POST /v1/users",
        fmt::format("Content-Length: {}\r\n{}", body.size(), headers), body);
  }
};

TEST_F(EncodingTest, LongJsonIsCompressedForThoseWhoTakeIt) {
  upstream_.Answer(LongPhoto());
  upstream_.Answer(LongPhoto());
  RawClient client(address());

  const auto packed = client.Request("GET /v1/photos/7", kWantGzip);
  const auto plain = client.Request("GET /v1/photos/7");

  EXPECT_TRUE(packed.Has("content-encoding: gzip"));
  EXPECT_LT(packed.body.size(), 300u);
  EXPECT_EQ(Gunzip(packed.body, 10'000).value(), plain.body);
  EXPECT_FALSE(plain.Has("content-encoding"));
  for (const auto& each : {packed, plain}) {
    EXPECT_TRUE(each.Has("vary: accept-encoding")) << each.head;
  }
}

TEST_F(EncodingTest, HeadSaysWhatGetWould) {
  upstream_.Answer(LongPhoto());
  upstream_.Answer(LongPhoto());
  RawClient client(address());

  const auto head = client.Request("HEAD /v1/photos/7", kWantGzip);
  const auto get = client.Request("GET /v1/photos/7", kWantGzip);

  EXPECT_TRUE(head.Has("content-encoding: gzip"));
  EXPECT_TRUE(head.Has(fmt::format("content-length: {}\r\n", get.body.size())));
}

TEST_F(EncodingTest, ShortAnswersStayPlain) {
  upstream_.Answer(v1::Photo());
  RawClient client(address());

  EXPECT_FALSE(
      client.Request("GET /v1/photos/7", kWantGzip).Has("content-encoding"));
}

TEST(AcceptEncodingTest, WeightsCount) {
  const struct {
    std::string value;
    bool gzip;
  } cases[] = {
      {"gzip", true},
      {"GZIP", true},
      {"x-gzip", true},
      {"br, gzip;q=0.1", true},
      {"*", true},
      {"gzip, identity", true},
      {"", false},
      {"br", false},
      {"identity", false},
      {"gzip;q=0", false},
      {"gzip; q=0.0", false},
      {"*;q=0", false},
      {"gzip;q=0, *", false},
      {"identity;q=1, gzip;q=0.5", false},
      {"gzip;q=2", false},
      {"gzip;q=nan", false},
      {"gzip;level=9", false},
      {"notgzip", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(AcceptsGzip(Head("accept-encoding", c.value)), c.gzip) << c.value;
  }
}

TEST(CompressBodyTest, WeakensTheTagOfWhatItChanges) {
  Response response;
  response.headers = {{"Content-Type", "text/html; charset=utf-8"},
                      {"ETag", "\"v1\""}};
  response.body = std::string(2000, 'a');

  CompressBody(Head("accept-encoding", "gzip"), &response);

  EXPECT_THAT(response.headers,
              ::testing::Contains(::testing::Pair("ETag", "W/\"v1\"")));
}

TEST(CompressBodyTest, LeavesMediaAlone) {
  Response response;
  response.headers = {{"Content-Type", "image/jpeg"}};
  response.body = std::string(2000, 'a');

  CompressBody(Head("accept-encoding", "gzip"), &response);

  EXPECT_EQ(response.body.size(), 2000u);
  EXPECT_EQ(response.headers.size(), 1u);
}

TEST_F(EncodingTest, CompressedBodyIsTaken) {
  upstream_.Answer(v1::User());

  const auto answer =
      Post(Gzip(R"({"handle":"a"})"), "Content-Encoding: gzip\r\n");

  EXPECT_EQ(answer.code, 201);
  EXPECT_EQ(upstream_.AwaitMessages(1)[0], "handle: \"a\"");
}

TEST_F(EncodingTest, InflatedBodyIsLimited) {
  Limits limits;
  limits.json_bytes = 1'000'000;
  Restart(limits);
  const std::string bomb = Gzip(std::string(8'000'000, ' '));
  ASSERT_LT(bomb.size(), 100'000u);

  EXPECT_EQ(Post(bomb, "Content-Encoding: gzip\r\n").code, 413);
}

TEST_F(EncodingTest, RatioOfInflatedToSentIsLimited) {
  const std::string spaces(60'000, ' ');
  const std::string bomb = Gzip(spaces + "{}");
  ASSERT_LT(bomb.size(), 600u);
  upstream_.Answer(v1::User());

  const auto refused = Post(bomb, "Content-Encoding: gzip\r\n");

  EXPECT_EQ(refused.code, 413);
  EXPECT_THAT(refused.body, HasSubstr("more than 100 times its size"));
  EXPECT_EQ(Post(spaces + "{}", "").code, 201);
}

TEST_F(EncodingTest, WhatIsNoGzipIsRefused) {
  const std::string good = Gzip(R"({"handle":"a"})");
  for (const std::string& body : {
           std::string("{}"),
           good.substr(0, good.size() - 1),
           good.substr(0, 5),
           good + "x",
       }) {
    const auto answer = Post(body, "Content-Encoding: gzip\r\n");
    EXPECT_EQ(answer.code, 400);
    EXPECT_THAT(answer.body, HasSubstr(R"("field":"Content-Encoding")"));
  }
}

TEST_F(EncodingTest, OtherEncodingsAreRefusedWithTheOneThatIsTaken) {
  for (const char* header :
       {"Content-Encoding: br\r\n", "Content-Encoding: gzip, gzip\r\n",
        "Content-Encoding: gzip\r\nContent-Encoding: br\r\n"}) {
    const auto answer = Post("{}", header);
    EXPECT_EQ(answer.code, 415) << header;
    EXPECT_TRUE(answer.Has("accept-encoding: gzip\r\n")) << answer.head;
  }
}

TEST_F(EncodingTest, RawBytesAreNotInflated) {
  RawClient client(address());

  const auto answer =
      client.Request("POST /v1/photos:upload",
                     "Content-Length: 2\r\nContent-Encoding: gzip\r\n", "xx");

  EXPECT_EQ(answer.code, 415);
  EXPECT_TRUE(answer.Has("accept-encoding: identity\r\n"));
}

TEST(GunzipTest, TakesSeveralMembersAndNoneTooLong) {
  EXPECT_EQ(Gunzip(Gzip("ab") + Gzip("c"), 3).value(), "abc");
  EXPECT_EQ(Gunzip(Gzip("ab") + Gzip("c"), 2).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Gunzip("", 3).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace pinhole::gateway
